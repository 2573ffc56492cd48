import { AsyncLocalStorage } from 'node:async_hooks';
import { AbandonedError } from './failures.ts';
import type { TokenCache } from './token-cache.ts';
import { watchOver, type Alive } from './watchdog.ts';

/** Requests of a call whose number is remembered: those that are made at a time, and some. */
const remembered = 64;

export interface CallOptions {
  /** Stops the call. */
  readonly signal: AbortSignal | undefined;
  /** Milliseconds without a word from the server, after which the driver has forgotten the call. */
  readonly silence: number;
  /** Given where the driver's requests cannot be reached. */
  readonly alive?: Alive | undefined;
  /** Of a login: where its tokens are kept. */
  readonly tokens?: TokenCache | undefined;
  /** Told what the server answers, as text. */
  readonly answered?: ((data: unknown) => void) | undefined;
}

const current = new AsyncLocalStorage<Call>();

/** One call of the driver: all of its requests stop when it does, and it does not wait for an answer that cannot come. */
export class Call {
  readonly #abort = new AbortController();
  readonly #silence: number;
  readonly #alive: Alive | undefined;
  readonly #answered: CallOptions['answered'];
  readonly tokens: TokenCache | undefined;
  readonly #detach: () => void;
  #heardAt = 0;
  /** How often each of the last requests was sent: the driver does not count. */
  readonly #sends = new Map<string, number>();

  constructor({ signal, silence, alive, answered, tokens }: CallOptions) {
    this.tokens = tokens;
    this.#answered = answered;
    this.#silence = silence;
    this.#alive = alive;
    const stop = (): void => this.stop(signal?.reason);
    this.#detach = () => signal?.removeEventListener('abort', stop);
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted) stop();
  }

  /** The call in which the driver makes a request. */
  static get current(): Call | undefined {
    return current.getStore();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  stop(reason: unknown): void {
    this.#abort.abort(reason);
    this.end();
  }

  /** Nothing has to be stopped any more. */
  end(): void {
    this.#detach();
  }

  /** What `work` comes to, as a part of this call; rejects as soon as the call is stopped, or the server is silent for too long. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const { signal } = this;
    signal.throwIfAborted();
    let leave = (): void => undefined;
    const stopped = new Promise<never>((_resolve, reject) => {
      const stop = (): void => reject(signal.reason as Error);
      signal.addEventListener('abort', stop, { once: true });
      leave = () => signal.removeEventListener('abort', stop);
    });
    this.#heardAt = Date.now();
    const timer = setInterval(() => this.#listen(), Math.max(50, this.#silence / 4));
    const working = current.run(this, work);
    const unwatch = this.#alive && watchOver(this, this.#alive);
    try {
      return await Promise.race([working, stopped]);
    } finally {
      leave();
      unwatch?.();
      clearInterval(timer);
    }
  }

  /** The driver sends a request of this call: the first time, or again because it makes nothing of the answer. */
  sends(request: string, most = 5, otherwise = 'the session could not be renewed'): void {
    const times = (this.#sends.get(request) ?? 0) + 1;
    this.#sends.delete(request);
    this.#sends.set(request, times);
    for (const [oldest] of this.#sends) if (this.#sends.size > remembered) this.#sends.delete(oldest);
    if (times > most) this.stop(new AbandonedError(otherwise));
  }

  /** The server answered something. */
  heard(data?: unknown): void {
    this.#heardAt = Date.now();
    this.#answered?.(data);
  }

  #listen(): void {
    if (Date.now() - this.#heardAt >= this.#silence)
      this.stop(new AbandonedError(`nothing came from the server for ${this.#silence} ms`));
  }
}
