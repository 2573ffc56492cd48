import type { Config } from '../../secrets/index.ts';
import type { Lease } from './leases.ts';
import { traceUse } from './trace.ts';

/** A lease as its holder sees it: with the raw resource in place of what the kind has opened. */
export class HeldLease<Raw, Opened> implements Lease<Raw> {
  readonly #lease: Lease<Opened>;
  readonly #rawOf: (opened: Opened) => Raw;
  readonly #ended: (() => void) | undefined;

  constructor(
    lease: Lease<Opened>,
    rawOf: (opened: Opened) => Raw,
    connection: { readonly id: string; readonly name: string },
  ) {
    this.#lease = lease;
    this.#rawOf = rawOf;
    this.#ended = traceUse('lease', connection, lease);
  }

  get raw(): Raw {
    return this.#rawOf(this.#lease.raw);
  }

  get generation(): number {
    return this.#lease.generation;
  }

  get config(): Config {
    return this.#lease.config;
  }

  get signal(): AbortSignal {
    return this.#lease.signal;
  }

  get retired(): AbortSignal {
    return this.#lease.retired;
  }

  release(): void {
    this.#ended?.();
    this.#lease.release();
  }

  broken(error: unknown): void {
    this.#lease.broken(error);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.release();
  }
}
