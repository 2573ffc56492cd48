import type { SecretTree, SecretValue, SourceState, SourceWarning } from './source.ts';

/** Whether two states say the same; the order of keys says nothing. */
export function sameState(a: SourceState, b: SourceState): boolean {
  if (a.state === 'loaded' && b.state === 'loaded')
    return texts(a.warnings) === texts(b.warnings) && sameSecrets(a.secrets, b.secrets);
  if (a.state === 'loaded' || b.state === 'loaded') return false;
  return a.state === b.state && a.error?.message === b.error?.message;
}

/** Whether two values hold the same secrets. Dates are the same when they print the same: TOML has local ones. */
export function sameSecrets(a: SecretValue, b: SecretValue): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof Date || b instanceof Date)
    return a instanceof Date && b instanceof Date && a.toJSON() === b.toJSON();
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  return sameEntries(a as SecretTree, b as SecretTree);
}

function sameEntries(a: SecretTree, b: SecretTree): boolean {
  let count = 0;
  for (const key in a) {
    count += 1;
    const [ours, theirs] = [a[key], b[key]];
    if (ours === undefined || theirs === undefined || !sameSecrets(ours, theirs)) return false;
  }
  for (const _ in b) count -= 1;
  return count === 0;
}

function texts(warnings: readonly SourceWarning[] = []): string {
  return warnings.map(({ message }) => message).join('\n');
}
