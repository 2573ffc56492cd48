/**
 * Where a secret is: `'a.b'`, or `['a', 'b.c']` when a key has a dot in it. Elements of arrays are numbered from 0.
 *
 * @inline
 */
export type SecretPath = string | readonly string[];

/** The keys of a path, one by one. */
export function segments(path: SecretPath): readonly string[] {
  if (typeof path === 'string') return path.split('.');
  try {
    if (Array.isArray(path) && path.every((key) => typeof key === 'string' || typeof key === 'number'))
      return path.map(String);
  } catch {
    // A proxy that throws is no path either.
  }
  // What is no path leads to nothing; it must not lead to everything.
  return ['\0'];
}

/** A path as TOML would write it: `connections."my.db".url`. */
export function dotted(path: readonly string[]): string {
  return path.map((key) => (/^[\w-]+$/.test(key) ? key : JSON.stringify(key))).join('.');
}
