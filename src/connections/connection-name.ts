import { ConfigError } from '../errors/index.ts';

/**
 * The name that was meant: `env:VAR` stands for the one in that environment variable.
 *
 * @throws ConfigError `invalid_argument`, `missing_name`.
 */
export function connectionName(asked: string): string {
  if (typeof asked !== 'string' || asked === '' || asked.includes('\n'))
    throw new ConfigError('invalid_argument', 'The name of a connection must be one line of text that is not empty.');
  if (!asked.startsWith('env:')) return asked;
  const variable = asked.slice('env:'.length);
  const name = process.env[variable];
  if (name) return name;
  throw new ConfigError(
    'missing_name',
    `"${asked}": the environment variable ${variable} is not set. Set it to the name of a connection.`,
    { connection: asked },
  );
}
