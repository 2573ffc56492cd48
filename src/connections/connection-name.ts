import { ConfigError } from '../errors/index.ts';

const prefix = 'env:';

/**
 * The name that was meant: `env:VAR` stands for the one in that environment variable.
 *
 * @throws ConfigError `invalid_argument`, `missing_name`.
 */
export function connectionName(asked: string): string {
  if (typeof asked !== 'string' || asked === '' || asked.includes('\n'))
    throw new ConfigError('invalid_argument', 'The name of a connection must be one line of text that is not empty.');
  const name = nameMeant(asked);
  if (name) return name;
  const variable = asked.slice(prefix.length);
  throw new ConfigError(
    'missing_name',
    `"${asked}": the environment variable ${variable} is not set. Set it to the name of a connection.`,
    { connection: asked },
  );
}

/** The same, or nothing where the environment does not say. */
export function nameMeant(asked: string): string | undefined {
  return asked.startsWith(prefix) ? process.env[asked.slice(prefix.length)] : asked;
}
