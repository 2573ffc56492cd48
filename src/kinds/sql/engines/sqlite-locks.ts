import { setTimeout as delay } from 'node:timers/promises';

/** True for a lock that somebody else gives up; what another has written since this transaction began does not go away. */
export function waitsForLock(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === 'SQLITE_BUSY';
}

/**
 * Runs a statement again while somebody else holds a lock: a driver that blocks must not wait by itself. After `busyTimeout`
 * milliseconds, or when it is stopped, the last error is thrown.
 */
export async function pastLocks<T>(busyTimeout: number, run: () => T | Promise<T>, stopped: () => boolean): Promise<T> {
  const started = performance.now();
  for (let pause = 1; ; pause = Math.min(2 * pause, 25)) {
    try {
      return await run();
    } catch (error) {
      const late = performance.now() - started + pause > busyTimeout;
      const again = !late && !stopped() && waitsForLock(error);
      if (again) await delay(pause);
      if (!again || stopped()) throw error;
    }
  }
}
