import { ConfigError, messageOf } from '../../errors/index.ts';
import type { Config } from '../../secrets/index.ts';
import { classify } from './classification.ts';
import type { DriverConnection, Engine } from './engine.ts';
import { statementsOf } from './scripts.ts';
import type { Target } from './target.ts';
import { guardTransaction } from './write-guard.ts';

/**
 * The statements for each new connection of the pool: those of MySQL's `init_command`, then those of `on_connect`.
 *
 * @throws ConfigError `invalid_config` for what is no text, and for a statement that begins or ends a transaction.
 */
export function onConnectOf(config: Config, { dialect, query }: Target): readonly string[] {
  const { family } = dialect;
  const name = 'on_connect';
  const given: unknown = config[name] ?? [];
  const first = family === 'mysql' ? [query['init_command'] ?? []].flat() : [];
  const texts: readonly unknown[] = [...first, ...(Array.isArray(given) ? (given as unknown[]) : [given])];
  return texts.flatMap((text) => {
    if (typeof text !== 'string' || text.trim() === '')
      throw invalid(name, 'expected a statement, or a list of statements.');
    try {
      guardTransaction(text, family, true);
    } catch (error) {
      throw invalid(name, messageOf(error));
    }
    return statementsOf({ text: [text], values: [] }, family);
  });
}

/** @throws ConfigError `invalid_config` for a statement that the server refuses; what the driver throws for a connection that is lost. */
export async function runOnConnect(
  engine: Engine,
  connection: DriverConnection,
  statements: readonly string[],
): Promise<void> {
  for (const [index, text] of statements.entries())
    try {
      await engine.run(connection, { text: [text], values: [] }, true);
    } catch (error) {
      if (classify(error)?.category !== 'query') throw error;
      // The statement itself may hold a secret.
      throw new ConfigError(
        'invalid_config',
        `on_connect: the server refuses statement ${index + 1} of ${statements.length}: ${messageOf(error)}`,
        { setting: 'on_connect', cause: error },
      );
    }
}

function invalid(setting: string, why: string): ConfigError {
  return new ConfigError('invalid_config', `${setting}: ${why}`, { setting });
}
