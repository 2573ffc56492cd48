import type { SchedulerLike } from 'rxjs';
import { after } from '../../duration/index.ts';
import { QueryError } from '../../errors/index.ts';
import { allowManyListeners, usableSignal } from '../../signals.ts';
import { interruption } from './failure.ts';

export interface Limits {
  readonly connection: string;
  readonly scheduler: SchedulerLike;
  /** Any of them stops the work. */
  readonly signals: readonly (AbortSignal | undefined)[];
  readonly timeout?: number | undefined;
}

/** Runs `work` until a signal fires or the time is over; then the promise rejects at once, and the signal of `work` fires. */
export function within<T>(limits: Limits, work: (signal: AbortSignal) => PromiseLike<T>): Promise<T> {
  const { connection, scheduler, timeout } = limits;
  const signals = limits.signals.filter((signal) => usableSignal(signal, connection) !== undefined) as AbortSignal[];
  const stop = new AbortController();
  return new Promise<T>((resolve, reject) => {
    const end = (reason: Error): void => {
      reject(reason);
      stop.abort(reason);
    };
    const fired = ({ target }: Event): void => end(interruption((target as AbortSignal).reason, connection));
    const aborted = signals.find((signal) => signal.aborted);
    if (aborted) return reject(interruption(aborted.reason, connection));
    for (const signal of signals) allowManyListeners(signal).addEventListener('abort', fired, { once: true });
    const timer = after(timeout ?? Infinity, scheduler).subscribe({
      next: () => end(ranOut(connection, timeout!)),
      error: end,
    });
    const letGo = (): void => {
      timer.unsubscribe();
      for (const signal of signals) signal.removeEventListener('abort', fired);
    };
    stop.signal.addEventListener('abort', letGo, { once: true });
    start(work, stop.signal).then(resolve, reject).finally(letGo);
  });
}

/** The error of a call that took longer than its `timeout`. */
export function ranOut(connection: string, timeout: number): QueryError {
  return new QueryError('timeout', `"${connection}": the call took longer than its timeout of ${timeout} ms.`, {
    connection,
  });
}

async function start<T>(work: (signal: AbortSignal) => PromiseLike<T>, signal: AbortSignal): Promise<T> {
  return work(signal);
}
