import { ConfigError, readable } from './errors/index.ts';
import { nearestOrAll } from './spelling.ts';

/**
 * Refuses what is no object of options, and each option that is neither among `known` nor among `own`, with the name that was
 * probably meant.
 *
 * @throws ConfigError `invalid_argument`; its message begins with `call` where one is given.
 */
export function refuseUnknown(
  options: unknown,
  known: readonly string[],
  own: readonly string[] = [],
  call?: string,
): void {
  const invalid = (why: string): ConfigError =>
    new ConfigError('invalid_argument', call === undefined ? why : `${call}: ${why}`);
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw invalid(`options must be an object, such as { ${known[0]!}: … }.`);
  for (const key in options) {
    if (known.includes(key) || own.includes(key)) continue;
    // What a class of the caller brings along (an AbortController has `abort`), and what is `undefined`, asks for nothing.
    if (!Object.hasOwn(options, key) || (options as Readonly<Record<string, unknown>>)[key] === undefined) continue;
    throw invalid(`"${key.slice(0, 40)}" is no option of this call. ${nearestOrAll(key, [...known, ...own])}`);
  }
}

/**
 * A copy of the options of a call.
 *
 * @throws ConfigError `invalid_argument` when there is one that nobody knows.
 */
export function givenOptions<T extends object>(options: T, known: readonly (keyof T & string)[], call?: string): T {
  return readable(undefined, () => {
    refuseUnknown(options, known, [], call);
    return { ...options };
  });
}
