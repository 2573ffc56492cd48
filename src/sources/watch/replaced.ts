import type { SeenFile, Sight } from './sight.ts';

/**
 * Whether a sight came out of the one before by whole files (or a whole directory) put in place at once,
 * so that nobody is still writing what is there now.
 */
export function replaced(before: Sight, now: Sight): boolean {
  if (before.kind !== now.kind || now.files.size === 0) return false;
  const pairs = [...now.files].flatMap(([name, file]) => {
    const old = before.files.get(name);
    return old ? [[old, file] as const] : [];
  });
  const sameNames = pairs.length === now.files.size && pairs.length === before.files.size;
  if (!sameNames) return pairs.length > 0 && pairs.every(isElsewhere);
  const changed = pairs.filter((pair) => !sameFile(...pair));
  return changed.length > 0 && changed.every((pair) => isElsewhere(pair) || isRenamedInto(pair));
}

/** Whether two sights are of the same things in the same state. */
export function sameSight(a: Sight, b: Sight): boolean {
  if (a.kind !== b.kind || a.files.size !== b.files.size || a.problem?.code !== b.problem?.code) return false;
  for (const [name, file] of a.files) {
    const other = b.files.get(name);
    if (!other || !sameFile(file, other)) return false;
  }
  return true;
}

type Pair = readonly [before: SeenFile, now: SeenFile];

function sameFile(a: SeenFile, b: SeenFile): boolean {
  return (
    a.real === b.real &&
    a.stats.ino === b.stats.ino &&
    a.stats.dev === b.stats.dev &&
    a.stats.size === b.stats.size &&
    a.stats.mtimeNs === b.stats.mtimeNs &&
    a.stats.ctimeNs === b.stats.ctimeNs
  );
}

/** A link leads to another file now. */
function isElsewhere([before, now]: Pair): boolean {
  return before.real !== now.real;
}

/** Renaming touches `ctime` only: a new inode that was written before it changed last came here whole. */
function isRenamedInto([before, now]: Pair): boolean {
  return before.stats.ino !== now.stats.ino && now.stats.size > 0n && now.stats.ctimeNs > now.stats.mtimeNs;
}
