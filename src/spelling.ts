import { closest, distance } from 'fastest-levenshtein';

/** The name that was probably meant: at most a third of it is different. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const candidate = closest(name, known);
  return distance(name.toLowerCase(), candidate.toLowerCase()) <= Math.max(2, name.length / 3) ? candidate : undefined;
}

/** The advice about a name that nobody knows: the nearest one, or each that there is. */
export function nearestOrAll(name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  return meant === undefined ? `There is ${known.join(', ')}.` : `Did you mean "${meant}"?`;
}

/** The name among `known` that is another spelling of this one. */
export function sameButSpelling(name: string, known: Iterable<string>): string | undefined {
  const wanted = comparable(name);
  for (const candidate of known) if (comparable(candidate) === wanted) return candidate;
  return undefined;
}

/** The type of a name as code spells it. */
export type CamelCase<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

/** The type of a name as files spell it. */
export type SnakeCase<Name extends string> = Name extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `_${Lowercase<First>}`}${SnakeCase<Rest>}`
  : Name;

/** A name as files spell it: `max_delay`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** A name as code spells it: `maxDelay`. */
export function camelCase(name: string): string {
  return name.replace(/_[a-z]/g, ([, letter]) => letter!.toUpperCase());
}

/** A name without case, `-`, `_`, dots and spaces, by which spellings of one name are found: `maxrows` for `MAX_ROWS` and `maxRows`. */
export function comparable(name: string): string {
  return name.toLowerCase().replace(/[-_ .]/g, '');
}
