import type { DriverConnection, Engine } from './engine.ts';
import type { Failover } from './failover.ts';
import type { SqlPool, Warn } from './pool.ts';
import { probeOf } from './probe.ts';
import type { Session } from './session.ts';

interface Parts {
  readonly engine: Engine;
  readonly pool: SqlPool;
  readonly failover: Failover;
  readonly warn: Warn;
}

/** Has the server answer on the connection of a session, and gives that back. `warm`: it also opens what the pool shall keep. */
export async function checkInstance(
  { engine, pool, failover, warn }: Parts,
  session: Session,
  { warm, signal }: { readonly warm: boolean; readonly signal: AbortSignal },
): Promise<void> {
  try {
    await session.run(probeOf(engine.family), false, signal);
    if (!session.usable) return;
    await engine.canary?.(session.connection);
    await failover.open(session.connection);
    if (warm) await warmUp(pool, warn, signal);
  } finally {
    pool.release(session.connection, session.usable);
  }
}

/**
 * Has the server answer on a connection of its own, for a pool whose connections are all in use: a wait for one of them would say
 * nothing of the server. A file has no server that could be silent.
 */
export async function checkBeside(
  engine: Engine,
  connect: () => Promise<DriverConnection>,
  signal: AbortSignal,
): Promise<void> {
  if (engine.family === 'sqlite') return;
  let stop = (): void => undefined;
  const stopped = new Promise<never>((_resolve, reject) => (stop = () => reject(signal.reason)));
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const opening = connect();
  try {
    const asking = opening.then((connection) => engine.run(connection, probeOf(engine.family), false));
    await Promise.race([asking, stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
    void opening.then((connection) => engine.abandon(connection)).catch(() => undefined);
  }
}

/**
 * Opens as many connections as the pool shall keep, before its instance serves; one is held by the check already. Where the server allows
 * fewer the instance serves with those.
 */
async function warmUp(pool: SqlPool, warn: Warn, signal: AbortSignal): Promise<void> {
  const wanted = Math.min(pool.min, pool.max) - 1;
  const opening = Array.from({ length: Math.max(0, wanted) }, () => pool.acquire('a check', () => signal));
  const ended = await Promise.allSettled(opening);
  for (const one of ended) if (one.status === 'fulfilled') pool.release(one.value, true);
  signal.throwIfAborted();
  if (ended.some((one) => one.status === 'rejected'))
    warn(
      'pool_below_min',
      `the pool could not open the ${pool.min} connections of \`min\` before it serves; it serves with those that it has.`,
    );
}
