import type { DriverConnection } from '../engine.ts';
import { guardedDriver } from '../guarded-client.ts';
import { forgetPrepared } from '../engines/named-statements.ts';
import { postgresEngine } from '../engines/postgres.ts';
import { Notices } from '../notices.ts';
import { runOnConnect } from '../on-connect.ts';
import { cancelRequest } from '../pools/cancel-request.ts';
import { PostgresPool, type ConnectionSettings, type PgClient, type PgPackage } from '../pools/postgres-pool.ts';
import { RefusedLogins } from '../refused-logins.ts';
import { afterCreate, poolOptions, type Backend, type BackendParts } from './backend.ts';
import { knexOnPool } from './knex-on-pool.ts';

/** Milliseconds in which a server has to take a CancelRequest. */
const patience = 5000;

/** PostgreSQL over pg and its own pool. */
export function postgresBackend(unguarded: PgPackage, { settings, rules, findings, fresh }: BackendParts): Backend {
  const pg = guardedDriver(unguarded);
  const connection = settings.connection as ConnectionSettings;
  const logins = new RefusedLogins(findings);
  const engine = postgresEngine(
    {
      cancel: (client) => cancelRequest(pg, client as PgClient, patience),
      connect: () => pool.connectAlone(),
      Query: pg.Query,
      prepare: rules.prepare,
    },
    rules.beyond,
  );
  const notices = new Notices(findings.warn);
  const connected = async (client: DriverConnection): Promise<void> => {
    notices.listen(client);
    await ask(client, searchPath(settings.searchPath));
    await runOnConnect(engine, client, rules.onConnect);
    await afterCreate(settings, client);
  };
  const pool: PostgresPool = new PostgresPool(pg, connection, poolOptions(settings), {
    connected,
    refused: (error) => {
      logins.refused(error);
      findings.unreachable(error as object);
    },
    heldBack: () => logins.heldBack(),
    created: (since) => findings.times?.tell('create', since),
    login: fresh && (() => fresh.next()),
  });
  const { min, max, idleTimeout, acquireTimeout } = poolOptions(settings);
  return {
    driver: 'pg',
    settings: {
      ...(typeof connection === 'object' && connection),
      min,
      max,
      idleTimeoutMillis: idleTimeout,
      connectionTimeoutMillis: acquireTimeout,
    },
    pool,
    logins,
    connect: () => pool.connectAlone(),
    async renew(client) {
      await ask(client, 'discard all');
      forgetPrepared(client);
      await connected(client);
    },
    engine,
    knexOver: (checked) => knexOnPool(settings, checked, fresh && (() => pool.connectAlone())),
  };
}

function searchPath(schemas: string | readonly string[] | undefined): string | undefined {
  if (schemas === undefined || schemas.length === 0) return undefined;
  const names = typeof schemas === 'string' ? [schemas] : schemas;
  return `set search_path to ${names.map((name) => `"${name.replaceAll('"', '""')}"`).join(', ')}`;
}

async function ask(client: DriverConnection, sql: string | undefined): Promise<void> {
  if (sql) await (client as unknown as { query(sql: string): Promise<unknown> }).query(sql);
}
