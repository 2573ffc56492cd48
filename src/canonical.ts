import { randomUUID } from 'node:crypto';

/** The greatest depth of a value; a deeper one is a cycle or a mistake. */
export const deepest = 100;

/** Names what has no value of its own: a function, an instance, a symbol. `undefined`: it has no lasting name. */
export type NameOf = (reference: object) => string | undefined;

/** Names each reference once, for as long as it lives. `next` makes the names. Default: names that no other process makes. */
export function referenceNames(next: () => string = randomUUID): (reference: object) => string {
  const names = new WeakMap<object, string>();
  return (reference) => {
    const known = names.get(reference);
    if (known !== undefined) return known;
    const name = next();
    names.set(reference, name);
    return name;
  };
}

/**
 * A text that two values share only when they are the same value: types are kept apart, keys are sorted, lengths are
 * written down, so texts can be strung together. `undefined` for a value that cannot be compared: a cycle, and a
 * reference that `nameOf` does not name.
 */
export function canonical(value: unknown, nameOf?: NameOf, depth = 0): string | undefined {
  switch (typeof value) {
    case 'string':
      return framed('s', value);
    case 'number':
      return `n${Object.is(value, -0) ? '-0' : value};`;
    case 'bigint':
      return `i${value};`;
    case 'boolean':
      return value ? 't' : 'f';
    case 'undefined':
      return 'u';
    case 'object':
      return value === null ? 'z' : depth < deepest ? ofObject(value, nameOf, depth + 1) : undefined;
    case 'function':
      return named(value, nameOf);
    case 'symbol': {
      const shared = Symbol.keyFor(value);
      // A symbol that is shared by its key cannot be held weakly.
      return shared === undefined ? named(value as unknown as object, nameOf) : framed('y', shared);
    }
  }
}

function framed(kind: string, text: string): string {
  return `${kind}${text.length}:${text}`;
}

function named(reference: object, nameOf: NameOf | undefined): string | undefined {
  const name = nameOf?.(reference);
  return name === undefined ? undefined : framed('r', name);
}

function ofObject(value: object, nameOf: NameOf | undefined, depth: number): string | undefined {
  if (Array.isArray(value)) return ofArray(value, nameOf, depth);
  if (ArrayBuffer.isView(value)) return ofBytes(value.buffer, value.byteOffset, value.byteLength, value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return ofPlain(value, nameOf, depth);
  if (prototype === Date.prototype) return `d${(value as Date).getTime()};`;
  if (value instanceof ArrayBuffer) return ofBytes(value, 0, value.byteLength, value);
  return named(value, nameOf);
}

function ofPlain(value: object, nameOf: NameOf | undefined, depth: number): string | undefined {
  // A property that is not enumerable is how an object prints, not a value in it.
  if (Object.getOwnPropertySymbols(value).some((symbol) => Object.propertyIsEnumerable.call(value, symbol)))
    return named(value, nameOf);
  const keys = Object.keys(value).sort();
  let text = `o${keys.length}:`;
  for (const key of keys) {
    const part = canonical((value as Record<string, unknown>)[key], nameOf, depth);
    if (part === undefined) return undefined;
    text += framed('', key) + part;
  }
  return text;
}

function ofArray(value: readonly unknown[], nameOf: NameOf | undefined, depth: number): string | undefined {
  let text = `a${value.length}:`;
  // Not `for of`: a hole in an array is `undefined` like any other.
  for (let index = 0; index < value.length; index++) {
    const part = canonical(value[index], nameOf, depth);
    if (part === undefined) return undefined;
    text += part;
  }
  return text;
}

/** The same bytes are another value as floats than as integers. */
function ofBytes(buffer: ArrayBufferLike, offset: number, length: number, value: object): string {
  const type = Buffer.isBuffer(value) ? 'Uint8Array' : value.constructor.name;
  return framed('b', type) + framed('', Buffer.from(buffer, offset, length).toString('latin1'));
}
