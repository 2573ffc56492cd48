import type { DriverConnection } from '../engine.ts';
import type { Login } from '../fresh-logins.ts';
import { mysqlEngine } from '../engines/mysql.ts';
import { Notices } from '../notices.ts';
import { runOnConnect } from '../on-connect.ts';
import { MysqlPool, type MysqlPackage, type MysqlSettings } from '../pools/mysql-pool.ts';
import { RefusedLogins } from '../refused-logins.ts';
import { afterCreate, poolOptions, type Backend, type BackendParts } from './backend.ts';
import { knexOnPool } from './knex-on-pool.ts';

/** MySQL and MariaDB over mysql2 and its own pool. */
export function mysqlBackend(mysql: MysqlPackage, { settings, rules, findings, fresh }: BackendParts): Backend {
  const connection = fresh ? trusting(settings.connection) : (settings.connection as MysqlSettings);
  const { tell: noticed } = new Notices(findings.warn);
  const { createQuery } = mysql;
  const engine = mysqlEngine({ cancel: (held) => pool.kill(held), noticed, createQuery }, rules.beyond);
  const logins = new RefusedLogins(findings);
  const connected = async (held: DriverConnection): Promise<void> => {
    // Before the engine asks what the session is like.
    await runOnConnect(engine, held, rules.onConnect);
    await engine.prepare?.(held);
    await afterCreate(settings, held);
  };
  const pool: MysqlPool = new MysqlPool(mysql, connection, poolOptions(settings), {
    connected,
    refused: (error) => {
      logins.refused(error);
      findings.unreachable(error as object);
    },
    heldBack: () => logins.heldBack(),
    created: (since) => findings.times?.tell('create', since),
    login: fresh && (() => fresh.next()),
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
      const login = await fresh?.next();
      await loginAgain(held, login);
      await connected(held);
    },
    knexOver: (checked) => knexOnPool(settings, checked, fresh && (() => pool.connectAlone())),
  };
}

/** COM_CHANGE_USER resets the session and keeps its character set, which COM_RESET_CONNECTION takes from the server. */
function loginAgain(connection: DriverConnection, login: Login | undefined): Promise<void> {
  const held = connection as unknown as { changeUser(to: object, done: (error: unknown) => void): void };
  const to = login ? { user: login.user, password: login.password } : {};
  return new Promise((resolve, reject) => {
    held.changeUser(to, (error) => {
      if (!error) return resolve();
      login?.failed(error);
      reject(error);
    });
  });
}

/**
 * Settings by which a token may be sent as it is, as IAM needs it: where nobody else can read it, because the server has shown whose it is
 * or is on this machine.
 */
function trusting(connection: unknown): object {
  const { ssl, socketPath } = connection as { ssl?: { rejectUnauthorized?: boolean } | string; socketPath?: string };
  const verified = typeof ssl === 'object' && ssl.rejectUnauthorized !== false;
  return { ...((verified || socketPath !== undefined) && { enableCleartextPlugin: true }), ...(connection as object) };
}
