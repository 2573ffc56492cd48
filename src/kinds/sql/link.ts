import type { DriverConnection, Engine } from './engine.ts';

/**
 * The link to the server under a cursor. Drivers forget some of those who wait for an answer when it breaks (a portal
 * that is being closed, rows that are streamed), so each wait is raced with the end of the connection itself.
 */
export class Link {
  readonly #letGo: () => void;
  #broken: { readonly error: unknown } | undefined;
  #fail: ((error: unknown) => void) | undefined;

  constructor(engine: Engine, connection: DriverConnection) {
    const broke = (error: unknown): void => {
      this.#broken ??= { error };
      this.#fail?.(error);
    };
    this.#letGo = engine.gone?.(connection, broke) ?? (() => undefined);
  }

  /** Resolves as `work` does, or rejects with the reason for which the link broke. One at a time. */
  during<T>(work: () => Promise<T>): Promise<T> {
    if (this.#broken) return Promise.reject(this.#broken.error);
    return new Promise<T>((resolve, reject) => {
      this.#fail = reject;
      work().then(resolve, reject);
    }).finally(() => (this.#fail = undefined));
  }

  release(): void {
    this.#letGo();
  }
}
