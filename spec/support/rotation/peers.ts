import knexFactory, { type Knex } from 'knex';
import { poolMax, type Contender, type ContenderKind, type Query, type Target } from './contender.ts';

/** What one does without hotline, from nothing to as good as knex can. */
export const peers: readonly ContenderKind[] = [
  { name: 'A static pool', open: openStatic },
  { name: 'B destroy, then create', open: openDestroyThenCreate },
  { name: 'C swap, destroy at once', open: openSwap },
  { name: 'D knex expirationChecker', open: openExpiring },
];

async function openStatic(target: Target): Promise<Contender> {
  const pool = poolOf(target);
  return contender(async () => pool, {
    change: async () => undefined,
    close: () => pool.destroy(),
  });
}

/** The way of a refreshed scope: callers wait while the old pool ends, and the next one begins. */
async function openDestroyThenCreate(target: Target): Promise<Contender> {
  let pool = Promise.resolve(poolOf(target));
  return contender(() => pool, {
    async change(next) {
      const old = pool;
      pool = old.then(async (ending) => {
        await ending.destroy();
        return poolOf(next);
      });
      await pool;
    },
    close: async () => (await pool).destroy(),
  });
}

async function openSwap(target: Target): Promise<Contender> {
  let pool = poolOf(target);
  const ending: Promise<void>[] = [];
  return contender(async () => pool, {
    async change(next) {
      const old = pool;
      pool = poolOf(next);
      ending.push(old.destroy());
    },
    async close() {
      await Promise.all([...ending, pool.destroy()]);
    },
  });
}

/** knex asks for the settings again when it opens a connection and they have expired. */
async function openExpiring(target: Target): Promise<Contender> {
  let current = target;
  const pool = poolOf(async () => {
    const given = current;
    return { ...settingsOf(given), expirationChecker: () => given !== current };
  });
  return contender(async () => pool, {
    async change(next) {
      current = next;
    },
    close: () => pool.destroy(),
  });
}

function contender(pool: () => Promise<Knex>, rest: Pick<Contender, 'change' | 'close'>): Contender {
  return {
    query: async (sql) => rowsOf(await pool(), sql),
    async transaction(work) {
      await (await pool()).transaction((trx) => work(((sql) => rowsOf(trx, sql)) satisfies Query));
    },
    ...rest,
  };
}

/** The rows of a statement, as knex gives them for PostgreSQL. */
export async function rowsOf(on: Knex, sql: string): Promise<Record<string, unknown>[]> {
  const { rows } = await on.raw<{ rows: Record<string, unknown>[] }>(sql);
  return rows;
}

function poolOf(connection: Target | (() => Promise<Knex.PgConnectionConfig>)): Knex {
  return knexFactory({
    client: 'pg',
    connection: typeof connection === 'function' ? connection : settingsOf(connection),
    pool: { min: 0, max: poolMax },
    acquireConnectionTimeout: 5000,
    log: { warn: () => undefined, error: () => undefined },
  });
}

function settingsOf({ port, database, user, password }: Target): Knex.PgConnectionConfig {
  return { host: '127.0.0.1', port, database, user, password };
}
