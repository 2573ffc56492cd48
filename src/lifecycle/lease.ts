import type { HotlineError } from '../errors/index.ts';

/** What a lease needs of its instance. */
interface Leased<Raw, Config> {
  readonly raw: Raw;
  readonly config: Config;
  readonly generation: number;
  readonly signal: AbortSignal;
  released(lease: InstanceLease<Raw, Config>): void;
  broke(error: unknown): void;
}

/** One running piece of work on one instance. */
export class InstanceLease<Raw, Config> {
  readonly #instance: Leased<Raw, Config>;
  #ended = false;
  /** Called when the instance may not wait for the lease any longer. */
  onCut: ((error: HotlineError) => void) | undefined;

  constructor(instance: Leased<Raw, Config>) {
    this.#instance = instance;
  }

  get raw(): Raw {
    return this.#instance.raw;
  }

  get generation(): number {
    return this.#instance.generation;
  }

  get signal(): AbortSignal {
    return this.#instance.signal;
  }

  get config(): Config {
    return this.#instance.config;
  }

  /** Newcomers get a fresh instance; this lease goes on. */
  broken(error: unknown): void {
    this.#instance.broke(error);
  }

  release(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#instance.released(this);
  }

  /** Called by the instance, which has already let go of it. */
  cut(error: HotlineError): void {
    this.#ended = true;
    this.onCut?.(error);
  }
}
