import { firstValueFrom, fromEvent, merge, type SchedulerLike } from 'rxjs';
import { after, holdProcess$ } from '../../duration/index.ts';
import { backOff, defaultDelays, type Retry } from '../../policy/index.ts';
import { within } from './within.ts';

/** The parts that `retry` needs. */
interface Retrying<T> {
  readonly connection: string;
  readonly scheduler: SchedulerLike;
  /** How often, and how long between; as many attempts as usual where it does not say. */
  readonly options: Retry | undefined;
  readonly signal: AbortSignal | undefined;
  /** The milliseconds that are left, now; `undefined`: no limit. */
  readonly left: () => number | undefined;
  readonly worthwhile: (error: unknown) => boolean;
  readonly again: () => Promise<T>;
  /** Between 0 and 1. Default: Math.random. */
  readonly random?: () => number;
}

/** Tries again what has failed with `error`, for as long as that is worthwhile; ends with the last error. */
export async function retry<T>(error: unknown, retry: Retrying<T>): Promise<T> {
  const { connection, scheduler, signal, random = Math.random } = retry;
  const options: Retry = retry.options ?? defaultDelays;
  for (let attempt = 1; ; attempt++) {
    const pause = backOff(attempt, options, random());
    const left = retry.left();
    const attempts = options.attempts ?? (left === undefined ? 3 : Infinity);
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

/** Somebody waits for the result, so the process has to. */
function wait(delay: number, scheduler: SchedulerLike, stop: AbortSignal): Promise<unknown> {
  const over$ = merge(holdProcess$, after(delay, scheduler), fromEvent(stop, 'abort'));
  return firstValueFrom(over$, { defaultValue: undefined });
}
