import knexFactory, { type Knex } from 'knex';
import { poolMax, type Contender, type ContenderKind, type Query, type Rows, type Target } from './contender.ts';
import { mysqlRows, pgRows, type RowsOf } from './rows.ts';

/** A driver as knex has it. */
interface Driver {
  readonly client: string;
  readonly settingsOf: (url: string) => Knex.StaticConnectionConfig;
  readonly rowsOf: RowsOf;
}

/** What one does without hotline, from nothing to as good as knex can. */
const peersOf = (driver: Driver): readonly ContenderKind[] => [
  { name: 'A static pool', open: (target) => openStatic(driver, target) },
  { name: 'B destroy, then create', open: (target) => openDestroyThenCreate(driver, target) },
  { name: 'C swap, destroy at once', open: (target) => openSwap(driver, target) },
  { name: 'D knex expirationChecker', open: (target) => openExpiring(driver, target) },
];

export const pgPeers = peersOf({
  client: 'pg',
  settingsOf: (connectionString) => ({ connectionString }),
  rowsOf: pgRows,
});

export const mysqlPeers = peersOf({ client: 'mysql2', settingsOf: (uri) => ({ uri }), rowsOf: mysqlRows });

async function openStatic(driver: Driver, target: Target): Promise<Contender> {
  const pool = poolOf(driver, target);
  return contender(driver, async () => pool, {
    change: async () => undefined,
    close: () => pool.destroy(),
  });
}

/** The way of a refreshed scope: callers wait while the old pool ends, and the next one begins. */
async function openDestroyThenCreate(driver: Driver, target: Target): Promise<Contender> {
  let pool = Promise.resolve(poolOf(driver, target));
  return contender(driver, () => pool, {
    async change(next) {
      const old = pool;
      pool = old.then(async (ending) => {
        await ending.destroy();
        return poolOf(driver, next);
      });
      await pool;
    },
    close: async () => (await pool).destroy(),
  });
}

async function openSwap(driver: Driver, target: Target): Promise<Contender> {
  let pool = poolOf(driver, target);
  const ending: Promise<void>[] = [];
  return contender(driver, async () => pool, {
    async change(next) {
      const old = pool;
      pool = poolOf(driver, next);
      ending.push(old.destroy());
    },
    async close() {
      await Promise.all([...ending, pool.destroy()]);
    },
  });
}

/** knex asks for the settings again when it opens a connection and they have expired. */
async function openExpiring(driver: Driver, target: Target): Promise<Contender> {
  let current = target;
  const pool = poolOf(driver, async () => {
    const given = current;
    return { ...driver.settingsOf(given.url), expirationChecker: () => given !== current };
  });
  return contender(driver, async () => pool, {
    async change(next) {
      current = next;
    },
    close: () => pool.destroy(),
  });
}

function contender(
  { rowsOf }: Driver,
  pool: () => Promise<Knex>,
  rest: Pick<Contender, 'change' | 'close'>,
): Contender {
  const rows = async (on: Knex, sql: string): Promise<Rows> => rowsOf(await on.raw<unknown>(sql));
  return {
    query: async (sql) => rows(await pool(), sql),
    async transaction(work) {
      await (await pool()).transaction((trx) => work(((sql) => rows(trx, sql)) satisfies Query));
    },
    ...rest,
  };
}

function poolOf({ client, settingsOf }: Driver, connection: Target | Knex.ConnectionConfigProvider): Knex {
  return knexFactory({
    client,
    connection: typeof connection === 'object' && 'url' in connection ? settingsOf(connection.url) : connection,
    pool: { min: 0, max: poolMax },
    acquireConnectionTimeout: 5000,
    log: { warn: () => undefined, error: () => undefined },
  });
}
