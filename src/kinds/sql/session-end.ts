import type { Backend } from './backends/backend.ts';
import type { DriverConnection, Engine } from './engine.ts';
import { inTime } from './in-time.ts';
import type { SqlPool } from './pool.ts';

/** Milliseconds in which a server has to take back what a session set. */
const grace = 5000;

interface Place {
  readonly backend: Pick<Backend, 'engine' | 'renew'>;
  readonly pool: Pick<SqlPool, 'release' | 'dismiss'>;
  /** The connection is the database, and is never closed. */
  readonly lasting: boolean;
}

/** Gives back the connection that a session held: like a new one, or to be closed. */
export async function endSession(
  { backend, pool, lasting }: Place,
  connection: DriverConnection,
  usable: boolean,
): Promise<void> {
  const { engine, renew } = backend;
  if (usable || lasting) await inTime(rollBack(engine, connection), grace);
  if (lasting) {
    await dropTemporary(engine, connection).catch(() => undefined);
    return pool.release(connection, true);
  }
  if (!usable) return pool.release(connection, false);
  if (renew && (await inTime(done(renew(connection)), grace))) return pool.release(connection, true);
  pool.dismiss(connection);
}

async function rollBack(engine: Engine, connection: DriverConnection): Promise<boolean> {
  for (const sql of engine.leftOpen(connection, true)) await run(engine, connection, sql);
  return true;
}

/** A database in memory keeps what it holds, and nothing that is temporary. */
async function dropTemporary(engine: Engine, connection: DriverConnection): Promise<void> {
  const temporary = 'select type, name from temp.sqlite_master order by type';
  for (const { type, name } of (await run(engine, connection, temporary)).rows)
    if (/^(table|view|trigger)$/.test(String(type)))
      await run(engine, connection, `drop ${String(type)} if exists temp.${quoted(String(name))}`);
}

const run = (engine: Engine, connection: DriverConnection, sql: string) =>
  engine.run(connection, { text: [sql], values: [] }, true);

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

async function done(work: Promise<unknown>): Promise<true> {
  await work;
  return true;
}
