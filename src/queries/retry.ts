import { firstValueFrom, fromEvent, merge, type SchedulerLike } from 'rxjs';
import { after, holdProcess$ } from '../duration/index.ts';
import { within } from './within.ts';

/**
 * How often a read is tried, and how long between.
 *
 * @inline
 */
export interface RetryOptions {
  /** Attempts in all, the first included. Default: 3, or no limit within a `timeout`. */
  readonly attempts?: number | undefined;
  /** Milliseconds before the second attempt at the most; doubles each time. Default: 100. */
  readonly minDelay?: number | undefined;
  /** Milliseconds between two attempts at the most. Default: 5000. */
  readonly maxDelay?: number | undefined;
}

export interface Retry<T> {
  readonly connection: string;
  readonly scheduler: SchedulerLike;
  readonly options: RetryOptions | undefined;
  readonly signal: AbortSignal | undefined;
  /** The milliseconds that are left, now; `undefined`: no limit. */
  readonly left: () => number | undefined;
  readonly worthwhile: (error: unknown) => boolean;
  readonly again: () => Promise<T>;
  /** Between 0 and 1. Default: Math.random. */
  readonly random?: () => number;
}

/** Tries again what has failed with `error`, for as long as that is worthwhile; ends with the last error. */
export async function retry<T>(error: unknown, retry: Retry<T>): Promise<T> {
  const { options, connection, scheduler, signal } = retry;
  for (let attempt = 1; ; attempt++) {
    const pause = backOff(attempt, options, retry.random);
    const left = retry.left();
    const attempts = options?.attempts ?? (left === undefined ? 3 : Infinity);
    // To wait in vain would only hide the error behind a timeout.
    if (attempt >= attempts || !retry.worthwhile(error) || (left !== undefined && pause >= left)) throw error;
    await within({ connection, scheduler, signals: [signal] }, (stop) => wait(pause, scheduler, stop));
    try {
      return await retry.again();
    } catch (next) {
      error = next;
    }
  }
}

/** Full jitter: somewhere between nothing and a limit that doubles with each attempt. */
export function backOff(attempt: number, options: RetryOptions = {}, random: () => number = Math.random): number {
  const { minDelay = 100, maxDelay = 5000 } = options;
  return random() * Math.min(maxDelay, minDelay * 2 ** (attempt - 1));
}

/** Somebody waits for the result, so the process has to. */
function wait(delay: number, scheduler: SchedulerLike, stop: AbortSignal): Promise<unknown> {
  const over$ = merge(holdProcess$, after(delay, scheduler), fromEvent(stop, 'abort'));
  return firstValueFrom(over$, { defaultValue: undefined });
}
