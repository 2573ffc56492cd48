import type { Knex } from 'knex';
import type { DriverConnection } from '../engine.ts';
import { mysqlEngine } from '../engines/mysql.ts';
import { runOnConnect } from '../on-connect.ts';
import { MysqlPool, type MysqlPackage, type MysqlSettings } from '../pools/mysql-pool.ts';
import { RefusedLogins } from '../refused-logins.ts';
import { afterCreate, poolOptions, type Backend, type Findings, type StatementRules } from './backend.ts';
import { knexOnPool } from './knex-on-pool.ts';

/** MySQL and MariaDB over mysql2 and its own pool. */
export function mysqlBackend(
  mysql: MysqlPackage,
  settings: Knex.Config,
  { beyond, onConnect }: StatementRules,
  findings: Findings,
): Backend {
  const connection = settings.connection as MysqlSettings;
  const engine = mysqlEngine({ cancel: (held) => pool.kill(held) }, beyond);
  const logins = new RefusedLogins();
  const connected = async (fresh: DriverConnection): Promise<void> => {
    // Before the engine asks what the session is like.
    await runOnConnect(engine, fresh, onConnect);
    await engine.prepare?.(fresh);
    await afterCreate(settings, fresh);
  };
  const pool: MysqlPool = new MysqlPool(mysql, connection, poolOptions(settings), {
    connected,
    refused: (error) => {
      logins.refused(error);
      findings.unreachable(error as object);
    },
    heldBack: () => logins.heldBack(),
  });
  const { max, idleTimeout } = poolOptions(settings);
  return {
    driver: 'mysql2',
    settings: {
      ...(typeof connection === 'object' && connection),
      connectionLimit: max,
      maxIdle: max,
      idleTimeout,
      waitForConnections: true,
      queueLimit: 0,
    },
    pool,
    logins,
    engine,
    connect: () => pool.connectAlone(),
    async renew(held) {
      await loginAgain(held);
      await connected(held);
    },
    knexOver: (checked) => knexOnPool(settings, checked),
  };
}

/** COM_CHANGE_USER resets the session and keeps its character set, which COM_RESET_CONNECTION takes from the server. */
function loginAgain(connection: DriverConnection): Promise<void> {
  const held = connection as unknown as { changeUser(to: object, done: (error: unknown) => void): void };
  return new Promise((resolve, reject) => held.changeUser({}, (error) => (error ? reject(error) : resolve())));
}
