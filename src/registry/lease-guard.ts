import { AsyncLocalStorage } from 'node:async_hooks';
import type { SchedulerLike, Subscription } from 'rxjs';
import { after, holdProcess$, milliseconds } from '../duration/index.ts';
import { ConfigError, LeaseError, type HotlineError } from '../errors/index.ts';
import type { LeaseOptions } from '../kinds/base/index.ts';
import { allowManyListeners, usableSignal } from '../signals.ts';

/** The caller's signal and timeout as one: what was asked to stop, and why. */
export class Guard {
  readonly #abort = new AbortController();
  readonly #timer: Subscription | undefined;
  readonly #detach: () => void;

  constructor(name: string, options: LeaseOptions, scheduler: SchedulerLike) {
    const { signal, timeout } = checked(name, options);
    const cancel = (): void =>
      this.stop(new LeaseError('cancelled', `"${name}": the call was cancelled by its signal.`, { connection: name }));
    this.#detach = () => signal?.removeEventListener('abort', cancel);
    // Many calls may share a signal; each lets go of it at its end, so Node need not warn of a leak.
    if (signal) allowManyListeners(signal).addEventListener('abort', cancel, { once: true });
    if (timeout !== Infinity)
      this.#timer = after(timeout, scheduler).subscribe(() =>
        this.stop(
          new LeaseError('timeout', `"${name}": it took longer than ${timeout} ms (timeout).`, { connection: name }),
        ),
      );
    if (signal?.aborted) cancel();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  stop(error: HotlineError): void {
    this.#abort.abort(error);
    this.end();
  }

  /** Nobody has to be stopped any more. */
  end(): void {
    this.#timer?.unsubscribe();
    this.#detach();
  }
}

/** A signal that is one, and the timeout in milliseconds. */
function checked(
  name: string,
  { signal, timeout = Infinity }: LeaseOptions,
): { signal: AbortSignal | undefined; timeout: number } {
  usableSignal(signal, name);
  try {
    return { signal, timeout: milliseconds(timeout, 'timeout') };
  } catch (error) {
    throw new ConfigError('invalid_argument', `"${name}": ${(error as Error).message}`, { connection: name });
  }
}

/** Awaits the promise; keeps the process alive meanwhile; rejects when the signal aborts. */
export async function awaitAbortable<T>(
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

/** The connections whose leases the running code holds. Entered only for kinds whose newcomers may have to wait for a lease. */
const held = new AsyncLocalStorage<ReadonlySet<object>>();

export function holding<T>(connection: object, run: () => T): T {
  return held.run(new Set([...(held.getStore() ?? []), connection]), run);
}

/**
 * Called before waiting for an instance of a connection that opens the next one only when the leases on the last are gone.
 *
 * @throws LeaseError `nested_lease` when the running code holds one of them.
 */
export function refuseNested(connection: object, name: string): void {
  if (!held.getStore()?.has(connection)) return;
  throw new LeaseError(
    'nested_lease',
    `"${name}": a lease inside a lease of the same connection would wait for itself. Use what the outer callback was handed.`,
    { connection: name },
  );
}
