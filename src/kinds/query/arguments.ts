import { milliseconds, type Duration } from '../../duration/index.ts';
import { ConfigError } from '../../errors/index.ts';
import { nearest } from '../../spelling.ts';

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

/**
 * Refuses what is no object of options, and each option that nobody knows, with the name that was probably meant.
 *
 * @throws ConfigError `invalid_argument`.
 */
export function refuseUnknown(options: unknown, common: readonly string[], own: readonly string[] = []): void {
  const known = own.length > 0 ? [...common, ...own] : common;
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new ConfigError('invalid_argument', `options must be an object, such as { ${known[0]!}: … }.`);
  for (const key in options) {
    if (known.includes(key)) continue;
    const meant = nearest(key, known);
    const hint = meant ? `Did you mean "${meant}"?` : `There is ${known.join(', ')}.`;
    throw new ConfigError('invalid_argument', `"${key.slice(0, 40)}" is no option of this call. ${hint}`);
  }
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
