import type { Knex } from 'knex';
import { ConfigError } from '../../../errors/index.ts';
import { requireOf } from '../../../packages/index.ts';
import type { DriverConnection, KnexClient } from '../engine.ts';
import { KnexPool } from '../knex-pool.ts';
import type { SqlPool } from '../pool.ts';

type MakeKnex = (settings: Knex.Config) => Knex;

/**
 * A knex instance that takes its connections from the pool of an instance. `connect`: opens one beside it, where the
 * settings alone cannot.
 *
 * @throws ConfigError `missing_driver` where knex is not installed, or is older than 3.3; `invalid_config` where it
 * refuses the settings.
 */
export function knexOnPool(
  { connection, pool: _pool, ...settings }: Knex.Config,
  pool: SqlPool,
  connect?: () => Promise<DriverConnection>,
): Knex {
  const knex = made(() => loadKnex()({ ...settings, connectionPool: new KnexPool(pool) } as Knex.Config));
  const client = knex.client as KnexClient;
  // knex leaves them out beside a pool, and would open the connection of a cancel with none.
  client.connectionSettings = connection;
  if (connect) client.acquireRawConnection = connect;
  giveBackOnce(client);
  return knex;
}

/** @throws ConfigError `missing_driver`. */
export function loadKnex(): MakeKnex {
  const require = requireOf('knex');
  const version = require && (require('knex/package.json') as { version: string }).version;
  if (require && version && /^(3\.([3-9]|\d\d)|[4-9])/.test(version)) return require('knex') as MakeKnex;
  throw new ConfigError(
    'missing_driver',
    `this needs the package knex, 3.3 or later${version ? `, and ${version} is installed` : ''}: npm install knex`,
  );
}

export function made(make: () => Knex): Knex {
  try {
    return make();
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError('invalid_config', 'knex refuses the settings.', { cause: error });
  }
}

/**
 * Has knex give each connection back once. For a stream knex releases its connection twice (when the stream closes and
 * when its runner ends); the second time somebody else may hold it already.
 */
export function giveBackOnce(client: KnexClient): void {
  const { runner: makeRunner } = client;
  client.runner = function (builder) {
    return makeRunner.call(takingOnce(this), builder);
  };
}

/** A client of one runner, whose release counts only for the connection that this runner took. */
function takingOnce(client: KnexClient): KnexClient {
  let taken: DriverConnection | undefined;
  return Object.assign(Object.create(client) as KnexClient, {
    async acquireConnection() {
      return (taken = await client.acquireConnection());
    },
    async releaseConnection(connection: DriverConnection) {
      if (connection !== taken) return;
      taken = undefined;
      await client.releaseConnection(connection);
    },
  });
}
