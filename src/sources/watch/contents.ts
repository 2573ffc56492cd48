import { readFile } from 'node:fs/promises';
import { isAbsent, sameProblems, type Problem, type ScannedFile, type Scan } from './scan.ts';
import { errorCode } from './link-path.ts';

/** A file that was read. */
export interface ReadFile {
  /** Its path without links. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Its type and permissions, as `stat` gives them. */
  readonly mode: number;
}

/** The contents of a path: a file (by the name `''`), a directory (by the paths inside it), or nothing that can be read. */
export type Contents =
  | {
      readonly kind: 'file' | 'directory';
      readonly files: ReadonlyMap<string, ReadFile>;
      /** The parts of a directory that could not be read, by their paths there. */
      readonly problems?: ReadonlyMap<string, Problem>;
    }
  | { readonly kind: 'missing' }
  | ({ readonly kind: 'unreadable' } & Problem);

/** Reads the files of a scan. */
export async function read(scan: Scan): Promise<Contents> {
  const { kind, problem } = scan;
  if (kind === 'missing') return { kind };
  if (kind === 'unreadable') return { kind, path: '', code: '', ...problem };
  const files = await Promise.all([...scan.files].map(async ([name, file]) => [name, await readSeen(file)] as const));
  const found = new Map<string, ReadFile>();
  const problems = new Map(scan.problems);
  for (const [name, file] of files) {
    if (!('code' in file)) found.set(name, file);
    else if (kind === 'file' || isAbsent(file.code)) return { kind: 'unreadable', ...file };
    else problems.set(name, file);
  }
  return { kind, files: found, ...(problems.size > 0 && { problems }) };
}

/** Tells whether two readings are the same, permissions included. */
export function sameContents(a: Contents, b: Contents): boolean {
  return sameBytes(a, b) && sameModes(a, b);
}

/** Tells whether two readings have the same bytes, whatever the permissions. */
export function sameBytes(a: Contents, b: Contents): boolean {
  if (a.kind === 'unreadable' || b.kind === 'unreadable')
    return a.kind === 'unreadable' && b.kind === 'unreadable' && a.path === b.path && a.code === b.code;
  if (a.kind === 'missing' || b.kind === 'missing') return a.kind === b.kind;
  if (a.kind !== b.kind || a.files.size !== b.files.size) return false;
  if (!sameProblems(a.problems, b.problems)) return false;
  for (const [name, file] of a.files) {
    const other = b.files.get(name);
    if (!other || Buffer.compare(other.bytes, file.bytes) !== 0) return false;
  }
  return true;
}

function sameModes(a: Contents, b: Contents): boolean {
  if (!('files' in a) || !('files' in b)) return true;
  const { files } = b;
  return [...a.files].every(([name, { mode }]) => files.get(name)?.mode === mode);
}

async function readSeen({ real, stats }: ScannedFile): Promise<ReadFile | Problem> {
  const bytes = await readFile(real).catch(errorCode);
  return typeof bytes === 'string' ? { path: real, code: bytes } : { path: real, bytes, mode: Number(stats.mode) };
}
