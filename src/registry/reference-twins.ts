import { canonical } from '../canonical.ts';
import { isTable } from '../table.ts';
import type { Identity } from './identity.ts';

/** The number of identities that are remembered. */
const most = 1000;

/**
 * Finds identities that differ in nothing but the function, or the object of a class, in a param: a program that writes
 * one into a call opens one more connection each time.
 */
export class ReferenceTwins {
  /** The first identity of each kind of params, until it is told. */
  readonly #first = new Map<string, string | undefined>();

  /** The warning about a new identity; `undefined` where there is nothing to tell, or it was told before. */
  warningAbout({ key, name, Kind, params }: Identity): string | undefined {
    const path = referenceIn(params, []);
    const alike = path && canonical([name, Kind.name, params], () => 'any');
    if (!path || alike === undefined) return undefined;
    if (!this.#first.has(alike)) {
      this.#first.set(alike, key);
      for (const oldest of this.#first.keys()) if (this.#first.size > most) this.#first.delete(oldest);
      return undefined;
    }
    const first = this.#first.get(alike);
    if (first === undefined || first === key) return undefined;
    this.#first.set(alike, undefined);
    return `"${name}": ${path.join('.')} is another function or object than in a call before, so this is one more connection beside that one. Make it once, outside of the call; for a password that changes with time use the option credentials.`;
  }
}

/** The path of the first value that is equal to nothing but itself. */
function referenceIn(value: unknown, path: readonly string[]): readonly string[] | undefined {
  if (canonical(value) !== undefined) return undefined;
  if (!isTable(value) && !Array.isArray(value)) return path;
  for (const [key, inner] of Object.entries(value)) {
    const found = referenceIn(inner, [...path, key]);
    if (found) return found;
  }
  return path;
}
