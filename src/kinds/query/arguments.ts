import { milliseconds, type Duration } from '../../duration/index.ts';
import { ConfigError } from '../../errors/index.ts';
import { isTable } from '../../table.ts';

/** Under this key the options that one method passes to another hold the name that the caller used, for messages. */
const calledAs = Symbol('called as');

/**
 * The methods whose statements only read.
 *
 * @inline
 */
export type ReadMethod = 'query' | 'query$' | 'live$' | 'stream' | 'batches' | 'batches$' | 'cursor';

/** A copy of options that says which method was called, where they do not say so yet. */
export function callingAs<T extends object>(method: ReadMethod, options: T | undefined): T {
  // What is none is refused where it is read.
  if (options !== undefined && !isTable(options)) return options;
  return { [calledAs]: method, ...options } as unknown as T;
}

/** The method that was called. */
export function methodOf(options: object, otherwise: ReadMethod): ReadMethod {
  return (options as { readonly [calledAs]?: ReadMethod })[calledAs] ?? otherwise;
}

/** The text of a statement, where a call was given one. */
export function textOf(sql: unknown): string {
  if (typeof sql === 'string') return sql;
  const got = sql === null ? 'null' : Array.isArray(sql) ? 'an array' : typeof sql;
  throw new ConfigError(
    'invalid_argument',
    `a statement is a text, and this one is ${got}; values go into \`params\`.`,
  );
}

/** The rows that a result may have; `undefined` where there is no limit. */
export function rowLimit(
  value: unknown,
  name: string,
  code: 'invalid_argument' | 'invalid_config' = 'invalid_argument',
): number | undefined {
  if (value === undefined || value === Infinity) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value > 0) return value;
  const setting = code === 'invalid_config' ? name : undefined;
  throw new ConfigError(code, `${name}: expected a whole number of rows greater than 0.`, { setting });
}

/** Names of cached results, where a call was given some. */
export function tagsOf(tags: unknown): readonly string[] | undefined {
  if (tags === undefined || Array.isArray(tags)) return tags && tags.map(String);
  throw new ConfigError('invalid_argument', 'tags: expected an array of names.');
}

/** The milliseconds of a limit; `undefined` where there is none. */
export function limit(value: Duration | undefined, name: string): number | undefined {
  if (value === undefined || value === Infinity) return undefined;
  const limited = milliseconds(value, name);
  if (limited > 0) return limited;
  throw new ConfigError('invalid_argument', `${name}: 0 leaves no time at all; leave it out for no limit.`);
}
