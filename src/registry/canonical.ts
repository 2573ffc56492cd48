import { ConfigError } from '../errors/index.ts';

/** Deeper than this is a mistake or a circle. */
const deepest = 100;

/** Numbers for what can only be told apart by reference: functions, classes, instances. One for each registry. */
export class References {
  readonly #numbers = new WeakMap<object, number>();
  #last = 0;

  number(object: object): number {
    const known = this.#numbers.get(object);
    if (known !== undefined) return known;
    this.#numbers.set(object, ++this.#last);
    return this.#last;
  }
}

/**
 * A text that is equal for equal values and different for different ones: keys are sorted, types are kept apart,
 * every text is framed by its length, and what has no value of its own goes by reference.
 *
 * @throws ConfigError `invalid_argument` for what contains itself.
 */
export function canonical(value: unknown, references: References, depth = 0): string {
  switch (typeof value) {
    case 'string':
      return `s${value.length}:${value}`;
    case 'number':
      return `n${Object.is(value, -0) ? 0 : value}`;
    case 'bigint':
      return `i${value}`;
    case 'boolean':
      return value ? 't' : 'f';
    case 'undefined':
      return 'u';
    case 'symbol':
      // One that is shared by its name cannot be a key of the map.
      if (Symbol.keyFor(value) !== undefined) return `y${Symbol.keyFor(value)!.length}:${Symbol.keyFor(value)!}`;
      return `r${references.number(value as unknown as object)}`;
    case 'function':
      return `r${references.number(value)}`;
    case 'object':
      return value === null ? '0' : canonicalObject(value, references, depth + 1);
  }
}

function canonicalObject(value: object, references: References, depth: number): string {
  if (depth > deepest)
    throw new ConfigError(
      'invalid_argument',
      `What tells connections apart is nested more than ${deepest} levels deep, or contains itself. Pass plain values.`,
    );
  if (value instanceof Date) return `d${value.getTime()}`;
  if (value instanceof Uint8Array) return `b${Buffer.from(value).toString('base64')}`;
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, references, depth)).join(',')}]`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return `r${references.number(value)}`;
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${key.length}:${key}=${canonical(item, references, depth)}`).join(',')}}`;
}
