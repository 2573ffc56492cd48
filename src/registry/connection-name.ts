import { ConfigError } from '../errors/index.ts';

const prefix = 'env:';

/**
 * The name that was asked for, which may be `env:VAR`. What the variable says is no part of any message: it may be a
 * secret, until it has turned out to be the name of a connection.
 *
 * @throws ConfigError `invalid_argument`, `missing_name`.
 */
export function askedName(asked: unknown): string {
  if (typeof asked !== 'string' || asked === '' || asked.includes('\n'))
    throw new ConfigError('invalid_argument', 'The name of a connection must be one line of text that is not empty.');
  if (nameMeant(asked)) return asked;
  const variable = asked.slice(prefix.length);
  throw new ConfigError(
    'missing_name',
    `"${asked}": the environment variable ${variable} is not set. Set it to the name of a connection.`,
    { connection: asked },
  );
}

/** Whether a name stands for the one in an environment variable. */
export function isVariable(asked: string): boolean {
  return asked.startsWith(prefix);
}

/** The name that is meant; nothing where the environment does not say. */
export function nameMeant(asked: string): string | undefined {
  if (!isVariable(asked)) return asked;
  const variable = asked.slice(prefix.length);
  // What every object inherits is no variable.
  return Object.hasOwn(process.env, variable) ? process.env[variable] : undefined;
}
