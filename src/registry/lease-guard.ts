import { from, take, type ObservableInput, type SchedulerLike } from 'rxjs';
import { alarm, holdProcess$, milliseconds } from '../duration/index.ts';
import { Nesting } from '../nesting.ts';
import { ConfigError, LeaseError, type HotlineError } from '../errors/index.ts';
import type { LeaseOptions } from '../kinds/base/index.ts';
import { allowManyListeners, usableSignal } from '../signals.ts';

type Stop = (error: HotlineError) => void;

/** The caller's signal and timeout as one: tells that work has to stop, and why. Its signal is made when it is read. */
export class Guard {
  readonly #alarm: (() => void) | undefined;
  readonly #caller: AbortSignal | undefined;
  readonly #name: string;
  readonly #listeners = new Set<Stop>();
  #stopped: HotlineError | undefined;
  #abort: AbortController | undefined;

  constructor(name: string, options: LeaseOptions, scheduler: SchedulerLike) {
    const { signal, timeout } = checked(name, options);
    this.#name = name;
    this.#caller = signal;
    // Many calls may share a signal; each lets go of it at its end, so Node need not warn of a leak.
    if (signal) allowManyListeners(signal).addEventListener('abort', this.#cancel);
    if (timeout !== Infinity) this.#alarm = alarm(() => this.#late(timeout), timeout, scheduler);
    if (signal?.aborted) this.#cancel();
  }

  /** The reason why work has to stop, if it has to. */
  get stopped(): HotlineError | undefined {
    return this.#stopped;
  }

  get signal(): AbortSignal {
    if (!this.#abort) {
      this.#abort = new AbortController();
      if (this.#stopped) this.#abort.abort(this.#stopped);
    }
    return this.#abort.signal;
  }

  /** Calls back when work has to stop, at once where it has to already. The result takes that back. */
  onStop(listener: Stop): () => void {
    if (this.#stopped) {
      listener(this.#stopped);
      return () => undefined;
    }
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  stop(error: HotlineError): void {
    if (this.#stopped) return;
    this.#stopped = error;
    this.end();
    this.#abort?.abort(error);
    for (const listener of [...this.#listeners]) listener(error);
    this.#listeners.clear();
  }

  /** Nothing has to be stopped any more. */
  end(): void {
    this.#alarm?.();
    this.#caller?.removeEventListener('abort', this.#cancel);
  }

  readonly #cancel = (): void => {
    const message = `"${this.#name}": the call was cancelled by its signal.`;
    this.stop(new LeaseError('cancelled', message, { connection: this.#name }));
  };

  #late(timeout: number): void {
    const message = `"${this.#name}": it took longer than ${timeout} ms (timeout).`;
    this.stop(new LeaseError('timeout', message, { connection: this.#name }));
  }
}

/** The checked signal, and the timeout in milliseconds. */
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

/** Awaits the first value; keeps the process alive meanwhile; rejects when the signal aborts, and then waits for nothing any more. */
export async function awaitAbortable<T>(
  values: ObservableInput<T>,
  name: string,
  signal: AbortSignal | undefined,
  scheduler: SchedulerLike,
): Promise<T> {
  const guard = new Guard(name, { signal }, scheduler);
  const waiting = holdProcess$.subscribe();
  try {
    return await new Promise<T>((resolve, reject) => {
      waiting.add(from(values).pipe(take(1)).subscribe({ next: resolve, error: reject }));
      waiting.add(guard.onStop(reject));
    });
  } finally {
    guard.end();
    waiting.unsubscribe();
  }
}

/** The connections whose leases the running code holds. Entered only for kinds whose newcomers may have to wait for a lease. */
const held = new Nesting();

/** Runs a callback that holds a lease of the connection. */
export function holding<T>(connection: object, run: () => Promise<T>): Promise<T> {
  return held.enter(connection, run);
}

/**
 * Refuses to wait inside a lease for an instance of a connection that opens the next one only when the leases on the last are gone.
 *
 * @throws LeaseError `nested_lease` when the running code holds one of them.
 */
export function refuseNested(connection: object, name: string): void {
  if (!held.holds(connection)) return;
  throw new LeaseError(
    'nested_lease',
    `"${name}": a lease inside a lease of the same connection would wait for itself. Use what the outer callback was handed.`,
    { connection: name },
  );
}
