import type { Knex } from 'knex';
import { ConfigError } from '../../errors/index.ts';
import type { Config } from '../../secrets/index.ts';
import type { Family } from './dialects.ts';
import { Database } from './database.ts';
import { loadDriver } from './driver.ts';
import type { DriverConnection, Engine, KnexClient } from './engine.ts';
import { mysqlEngine } from './engines/mysql.ts';
import { otherEngine } from './engines/other.ts';
import { postgresEngine } from './engines/postgres.ts';
import { sqliteEngine } from './engines/sqlite.ts';
import { beyondOf, type Beyond } from './integers.ts';
import { guardedDriver } from './guarded-client.ts';
import { knexConfig } from './knex-config.ts';
import { Logins, type AfterCreate } from './logins.ts';
import { SqlPool, type Warn } from './pool.ts';
import { tameClient } from './tamed-client.ts';
import { targetOf } from './target.ts';

/** Who hears of what an opened database finds out. */
export interface News {
  /** Something looks wrong but stops nothing. */
  readonly warn: Warn;
  /** A fresh connection could not be had. */
  readonly unreachable: (error: object) => void;
  /** The server of the instance is another one now. */
  readonly moved: (error: object) => void;
}

/** Makes a knex instance of a config; it connects when it is first asked. */
export async function openDatabase(
  config: Config,
  name: string,
  news: News,
): Promise<{ knex: Knex; database: Database }> {
  const target = targetOf(config);
  const autocommit = autocommitOf(config);
  const beyond = beyondOf(config);
  const driver = loadDriver(target);
  const settings = knexConfig(target, config, driver.client);
  const { afterCreate } = settings.pool as { afterCreate?: AfterCreate };
  if (typeof afterCreate === 'function')
    settings.pool!.afterCreate = (connection: DriverConnection, done: never) =>
      void logins.guarded(afterCreate)(connection, done);
  const { default: makeKnex } = await import('knex');
  const knex = made(() => makeKnex(settings), driver.package);
  const client = knex.client as KnexClient;
  if (target.dialect.family === 'postgresql') client.driver = guardedDriver(client.driver as object);
  const engine = engineOf(client, target.dialect.family, driver.package, beyond);
  const pool = new SqlPool(client.pool!, engine, news.warn);
  const logins = new Logins(client, engine);
  tameClient(client, engine, {
    logins,
    giveBack: (connection) => pool.release(connection, true),
    unreachable: news.unreachable,
  });
  return { knex, database: new Database({ name, knex, engine, pool, logins, moved: news.moved, autocommit }) };
}

function autocommitOf({ autocommit = true }: Config): boolean {
  if (typeof autocommit === 'boolean') return autocommit;
  throw new ConfigError('invalid_config', 'autocommit: expected true or false.', { setting: 'autocommit' });
}

function engineOf(client: KnexClient, family: Family, driver: string, beyond: Beyond): Engine {
  if (family === 'postgresql') return postgresEngine(client, beyond);
  if (family === 'mysql') return mysqlEngine(client, beyond);
  return family === 'sqlite' ? sqliteEngine(client, driver, beyond) : otherEngine(client, family);
}

/** knex loads the driver here; one that is installed may still not load (another Node.js, a missing library). */
function made(make: () => Knex, driver: string): Knex {
  try {
    return make();
  } catch (error) {
    const text = error instanceof Error ? error.message : '';
    if (!text.startsWith('Knex: run'))
      throw new ConfigError('invalid_config', 'knex refuses the settings.', { cause: error });
    throw new ConfigError(
      'missing_driver',
      `the package ${driver} is installed but cannot be loaded: npm install ${driver}, or npm rebuild ${driver} after a change of Node.js.`,
      { cause: error },
    );
  }
}
