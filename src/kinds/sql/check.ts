import type { Engine } from './engine.ts';
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
