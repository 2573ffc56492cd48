import type { SchedulerLike, Subscription } from 'rxjs';
import { after, milliseconds } from '../duration/index.ts';
import { ConfigError, LeaseError, type HotlineError } from '../errors/index.ts';
import { heardByMany, usableSignal } from '../signals.ts';
import type { LeaseOptions } from '../kinds/base/index.ts';

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
    if (signal) heardByMany(signal).addEventListener('abort', cancel, { once: true });
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
