import { ConfigError } from '../../errors/index.ts';

/** Options of one statement that Snowflake has besides those of every kind. */
export interface SnowflakeStatementOptions {
  /** The tag of this statement in the query history. Default: the setting `query_tag`. */
  readonly queryTag?: string | undefined;
  /** Session parameters for this statement alone: `{ TIMEZONE: 'UTC', STATEMENT_TIMEOUT_IN_SECONDS: 60 }`. Default: those of the session. */
  readonly parameters?: Readonly<Record<string, string | number | boolean>> | undefined;
}

/** The names of these options. */
export const statementOptions = ['queryTag', 'parameters'] as const satisfies (keyof SnowflakeStatementOptions)[];

/** Parameters by their names; never of more than one statement. */
export type StatementParameters = Readonly<Record<string, string | number | boolean>>;

/**
 * The parameters that the options of a call set for its statement; `undefined` without any.
 *
 * @throws ConfigError `invalid_argument`.
 */
export function parametersOf({ queryTag, parameters }: SnowflakeStatementOptions): StatementParameters | undefined {
  if (queryTag !== undefined && typeof queryTag !== 'string')
    throw new ConfigError('invalid_argument', 'queryTag: expected text.');
  if (parameters === undefined) return queryTag === undefined ? undefined : { QUERY_TAG: queryTag };
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters))
    throw new ConfigError('invalid_argument', 'parameters: expected an object of session parameters.');
  const set: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(parameters)) {
    if (!/^\w+$/.test(name) || name.toUpperCase() === 'MULTI_STATEMENT_COUNT')
      throw new ConfigError('invalid_argument', `parameters: "${name.slice(0, 40)}" cannot be set for a statement.`);
    if (!['string', 'number', 'boolean'].includes(typeof value))
      throw new ConfigError('invalid_argument', `parameters.${name}: expected text, a number or a boolean.`);
    set[name.toUpperCase()] = value;
  }
  return queryTag === undefined ? set : { ...set, QUERY_TAG: queryTag };
}

/**
 * The parameters of a statement, or of several in one text, as the driver takes them. It writes the tag of the connection into what it is given: so it
 * is a new object for each statement, and a tag of the statement cannot be written over.
 */
export function driverParameters(
  parameters: StatementParameters | undefined,
  statements: number,
): Record<string, unknown> {
  // Over a session that allows any number: the answer to a script of one is not that of a statement, and is never read to its end.
  const given: Record<string, unknown> = { ...parameters, MULTI_STATEMENT_COUNT: statements };
  const tag = parameters?.['QUERY_TAG'];
  if (tag !== undefined)
    Object.defineProperty(given, 'QUERY_TAG', { enumerable: true, get: () => tag, set: () => undefined });
  return given;
}
