import { AsyncLocalStorage } from 'node:async_hooks';
import type { Socket } from 'node:net';
import { AbandonedError, explainStop } from './failures.ts';
import type { TokenCache } from './token-cache.ts';

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

/** Tells whether an answer has the driver move files to or from a storage other than Google's: their libraries tell nothing. */
function movesUnseen(answer: string): boolean {
  const head = answer.slice(0, 100_000);
  return /"command"\s*:\s*"(?:UP|DOWN)LOAD"/.test(head) && !/"locationType"\s*:\s*"GCS"/.test(head);
}

const current = new AsyncLocalStorage<Call>();

/** One call of the driver: all of its requests stop when it does, and it does not wait for an answer that cannot come. */
export class Call {
  readonly #abort = new AbortController();
  readonly #silence: number;
  readonly #alive: Alive | undefined;
  readonly #answered: CallOptions['answered'];
  readonly tokens: TokenCache | undefined;
  /** Gives the query id of the statement of this call, once the server has said it. */
  queryId: () => string | undefined = () => undefined;
  readonly #detach: () => void;
  #heardAt = 0;
  /** Sockets that move files, and how far they were when they were looked at last. */
  readonly #moving = new Map<Socket, string>();
  /** Files are moved by a library in which nothing can be heard. */
  #unseen = false;
  /** Number of times that each of the last requests was sent: the driver does not count them. */
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
    // Whoever waits gets this very error, as soon as this function returns.
    if (!this.signal.aborted) explainStop(reason, this.queryId());
    this.#abort.abort(reason);
    this.end();
  }

  /** Nothing has to be stopped any more. */
  end(): void {
    this.#detach();
  }

  /** Runs `work` as a part of this call and gives its result; rejects as soon as the call is stopped, or the server is silent for too long. */
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

  /** A socket that moves a file: as long as bytes pass, the call is alive. */
  watches(socket: Socket): void {
    this.#moving.set(socket, '');
    socket.once('close', () => this.#moving.delete(socket));
  }

  /** The server answered something. */
  heard(data?: unknown): void {
    this.#heardAt = Date.now();
    if (typeof data === 'string' && movesUnseen(data)) this.#unseen = true;
    this.#answered?.(data);
  }

  #listen(): void {
    for (const [socket, before] of this.#moving) {
      // What was written waits in the queue of the handle until the other side takes it.
      const { _handle: handle } = socket as { _handle?: { readonly writeQueueSize?: number } | null };
      const now = `${socket.bytesRead}/${socket.bytesWritten}/${handle?.writeQueueSize}`;
      if (now !== before) this.#heardAt = Date.now();
      this.#moving.set(socket, now);
    }
    if (!this.#unseen && Date.now() - this.#heardAt >= this.#silence)
      this.stop(new AbandonedError(`nothing came from the server for ${this.#silence} ms`));
  }
}

/** Asks the server for the session; true when it answers. */
export type Alive = () => Promise<boolean>;

/** A call that is watched over. */
export interface Watched {
  heard(): void;
  stop(reason: unknown): void;
}

/** Milliseconds between two questions, and for one answer. */
const pace = 1000;
/** Questions without an answer, after which the server is gone. */
const misses = 2;

/**
 * Asks the session whether it lives while a call waits, for requests of the driver that cannot be reached: nobody sees
 * whether they are answered, and the driver repeats them for minutes. It ends when the returned function is called.
 */
export function watchOver(call: Watched, alive: Alive, every = pace): () => void {
  const over = new AbortController();
  void watch(call, alive, every, over.signal);
  return () => over.abort();
}

async function watch(call: Watched, alive: Alive, every: number, over: AbortSignal): Promise<void> {
  for (let missed = 0; missed < misses;) {
    await pause(every, over);
    if (over.aborted) return;
    const lives = await Promise.race([alive().catch(() => false), pause(every, over).then(() => false)]);
    if (over.aborted) return;
    missed = lives ? 0 : missed + 1;
    if (lives) call.heard();
  }
  call.stop(new AbandonedError('the server does not answer for the session any more'));
}

function pause(delay: number, over: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      over.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, delay);
    over.addEventListener('abort', done, { once: true });
  });
}

/** A signal that fires `delay` milliseconds after another one, unless `end` was called. */
export function postponed(signal: AbortSignal, delay: number): { readonly signal: AbortSignal; end(): void } {
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const fired = (): void => {
    timer = setTimeout(() => late.abort(signal.reason), delay);
  };
  signal.addEventListener('abort', fired, { once: true });
  return {
    signal: late.signal,
    end: () => {
      signal.removeEventListener('abort', fired);
      clearTimeout(timer);
    },
  };
}
