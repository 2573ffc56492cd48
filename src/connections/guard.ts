import { setMaxListeners } from 'node:events';
import type { SchedulerLike, Subscription } from 'rxjs';
import { after } from '../duration/index.ts';
import { ConfigError, LeaseError, type HotlineError } from '../errors/index.ts';
import type { LeaseOptions } from '../kinds/base/index.ts';

/** The caller's signal and timeout as one: what was asked to stop, and why. */
export class Guard {
  readonly #abort = new AbortController();
  readonly #timer: Subscription | undefined;
  readonly #detach: () => void;

  constructor(name: string, { signal, timeout = Infinity }: LeaseOptions, scheduler: SchedulerLike) {
    if (typeof timeout !== 'number' || !(timeout >= 0))
      throw new ConfigError('invalid_argument', `"${name}": timeout must be milliseconds, 0 or more.`, {
        connection: name,
      });
    const cancel = (): void =>
      this.stop(new LeaseError('cancelled', `"${name}": the call was cancelled by its signal.`, { connection: name }));
    this.#detach = () => signal?.removeEventListener('abort', cancel);
    // Many calls may share a signal; each lets go of it at its end, so Node need not warn of a leak.
    if (signal) setMaxListeners(Infinity, signal);
    signal?.addEventListener('abort', cancel, { once: true });
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
