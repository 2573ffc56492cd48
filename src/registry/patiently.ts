import type { SchedulerLike } from 'rxjs';
import { holdProcess$ } from '../duration/index.ts';
import { Guard } from './guard.ts';

/** What a promise comes to. Until then the process is kept alive, and the caller's signal ends the wait. */
export async function patiently<T>(
  promise: Promise<T>,
  name: string,
  signal: AbortSignal | undefined,
  scheduler: SchedulerLike,
): Promise<T> {
  // Whoever stops waiting is not told of it twice.
  promise.catch(() => undefined);
  const guard = new Guard(name, { signal }, scheduler);
  const hold = holdProcess$.subscribe();
  const stopped = new Promise<never>((_, reject) => {
    const stop = (): void => reject(guard.signal.reason as Error);
    if (guard.signal.aborted) stop();
    else guard.signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([promise, stopped]);
  } finally {
    guard.end();
    hold.unsubscribe();
  }
}
