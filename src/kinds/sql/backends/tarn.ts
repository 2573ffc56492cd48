import { existsSync } from 'node:fs';
import type { Knex } from 'knex';
import { ConfigError } from '../../../errors/index.ts';
import type { Family } from '../dialects.ts';
import type { LoadedDriver } from '../driver.ts';
import type { DriverConnection, Engine, KnexClient } from '../engine.ts';
import type { Login } from '../fresh-logins.ts';
import { mysqlEngine } from '../engines/mysql.ts';
import { otherEngine } from '../engines/other.ts';
import { postgresEngine } from '../engines/postgres.ts';
import { sqliteEngine, type FileRules } from '../engines/sqlite.ts';
import type { Beyond } from '../integers.ts';
import { guardedDriver } from '../guarded-client.ts';
import { KnexPool } from '../knex-pool.ts';
import { runOnConnect } from '../on-connect.ts';
import { Logins, type AfterCreate } from '../logins.ts';
import { TarnPool, type Tarn } from '../pools/tarn-pool.ts';
import { RefusedLogins } from '../refused-logins.ts';
import type { Backend, BackendParts } from './backend.ts';
import { giveBackOnce, loadKnex } from './knex-on-pool.ts';

/** Every driver that has no pool of its own: knex opens its connections, and tarn keeps them. */
export function tarnBackend(
  driver: LoadedDriver,
  family: Family,
  { settings, rules: { beyond, onConnect, busyTimeout }, findings, fresh }: BackendParts,
): Backend {
  const { afterCreate } = settings.pool as { afterCreate?: AfterCreate };
  if (typeof afterCreate === 'function')
    settings.pool!.afterCreate = (connection: DriverConnection, done: never) =>
      void logins.guarded(afterCreate)(connection, done);
  // Its clients read it there, also those of transactions.
  const own = family === 'sqlite' ? { ...settings, busyTimeout } : settings;
  const knex = made(() => loadKnex()(own), driver.package);
  const client = knex.client as KnexClient;
  if (family === 'postgresql') client.driver = guardedDriver(client.driver as object);
  const engine = engineOf(client, family, driver.package, beyond, fileRules(settings, busyTimeout));
  const logins = new Logins(client, engine);
  const refused = new RefusedLogins(findings);
  const { acquireRawConnection: connect } = client;
  client.acquireRawConnection = async () => {
    const heldBack = refused.heldBack();
    if (heldBack !== undefined) throw heldBack;
    let login: Login | undefined;
    const since = performance.now();
    try {
      login = await fresh?.next();
      if (login) Object.assign(client.connectionSettings as object, { user: login.user, password: login.password });
      return await logins.run(async () => {
        refuseMissing(settings);
        const connection = await connect.call(client);
        await runOnConnect(engine, connection, onConnect);
        await engine.prepare?.(connection);
        findings.times?.tell('create', since);
        return connection;
      });
    } catch (error) {
      login?.failed(error);
      refused.refused(error);
      findings.unreachable(error as object);
      throw error;
    }
  };
  giveBackOnce(client);
  const pool = new TarnPool(
    client.pool as Tarn,
    (connection, held) => engine.hold?.(connection, held),
    () => logins.abandon(),
    () => engine.overdue?.() ?? false,
  );
  return {
    driver: driver.package,
    settings: {},
    engine,
    pool,
    logins: refused,
    connect: () => client.acquireRawConnection.call(client),
    knexOver(checked) {
      client.pool = new KnexPool(checked);
      return knex;
    },
  };
}

function engineOf(client: KnexClient, family: Family, driver: string, beyond: Beyond, file: FileRules): Engine {
  const cancel = (connection: DriverConnection): Promise<unknown> => client.cancelQuery(connection);
  if (family === 'postgresql')
    return postgresEngine({ cancel, connect: () => client.acquireRawConnection.call(client) }, beyond);
  if (family === 'mysql') return mysqlEngine({ cancel }, beyond);
  return family === 'sqlite' ? sqliteEngine(driver, beyond, file) : otherEngine(client, family, beyond);
}

interface FileSettings {
  readonly filename?: unknown;
  readonly options?: { readonly readonly?: boolean; readonly fileMustExist?: boolean };
}

function fileRules({ connection }: Knex.Config, busyTimeout: number): FileRules {
  return { readonly: (connection as FileSettings).options?.readonly === true, busyTimeout };
}

/** The drivers make a file that is not there, also where it shall only be read. @throws ConfigError `invalid_config`. */
function refuseMissing({ connection }: Knex.Config): void {
  const { filename, options } = connection as FileSettings;
  const exists = options?.readonly === true || options?.fileMustExist === true;
  if (!exists || typeof filename !== 'string' || existsSync(filename)) return;
  throw new ConfigError('invalid_config', 'mode: the file does not exist, and this mode makes none.', {
    setting: 'query.mode',
  });
}

/** knex loads the driver here; one that is installed may still not load (another Node.js, a missing library). */
function made(make: () => Knex, driver: string): Knex {
  try {
    return make();
  } catch (error) {
    if (error instanceof ConfigError) throw error;
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
