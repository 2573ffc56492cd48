import type { EventEmitter } from 'node:events';
import type { PoolClient } from 'pg';

/** A client of pg, with what a pool looks at. */
export type PgClient = PoolClient & {
  _types?: unknown;
  readonly _queryQueue?: readonly unknown[];
  _getActiveQuery?(): unknown;
};

/** The client that a lease on the current instance gives. */
interface Checkout {
  readonly connection: object;
  readonly retired: AbortSignal;
  release(usable: boolean): void;
}

/** The pool that a client is checked out of. */
interface Owner extends EventEmitter {
  log(message: string): void;
}

/** The rules for a client: when it is closed as it comes back, and how it reads values. */
interface Limits {
  readonly types?: unknown;
  readonly maxUses?: number | undefined;
  readonly maxLifetimeSeconds?: number | undefined;
}

/** Milliseconds that a client may take to end what its holder has left running. */
const grace = 5000;

/** How often a client was checked out: the pool below counts for itself, and other users of the connection. */
const uses = new WeakMap<PgClient, number>();

/** The time when a client was first checked out. */
const since = new WeakMap<PgClient, number>();

/** A client in the hands of somebody, from its checkout to its release. */
export class CheckedOut {
  readonly client: PgClient;
  readonly release: (error?: Error | boolean) => void;
  readonly #checkout: Checkout;
  readonly #pool: Owner;
  readonly #options: Limits;
  readonly #types: unknown;
  readonly #ended: () => void;
  #back = false;

  constructor(checkout: Checkout, pool: Owner, options: Limits, ended: () => void) {
    const client = checkout.connection as PgClient;
    this.client = client;
    this.#checkout = checkout;
    this.#pool = pool;
    this.#options = options;
    this.#ended = ended;
    this.#types = client._types;
    if (options.types) client._types = options.types;
    if (!since.has(client)) since.set(client, performance.now());
    let released = false;
    this.release = client.release = (error) => {
      if (released) throw new Error('Release called on client which has already been released to the pool.');
      released = true;
      this.#release(error);
    };
  }

  get retired(): AbortSignal {
    return this.#checkout.retired;
  }

  /** Tells a client that listens as a server that is shut down would. */
  tellRetired(): void {
    const { client } = this;
    if (client.listenerCount('notification') === 0) return;
    const error = new Error('terminating connection: newcomers use the next instance of the connection');
    client.emit('error', Object.assign(error, { code: '57P01', severity: 'FATAL' }));
  }

  /** The client has ended: its place is free, whether or not its holder ever releases it. */
  lose(): void {
    this.#giveBack(false);
  }

  #release(error: Error | boolean | undefined): void {
    const { client } = this;
    const count = (uses.get(client) ?? 0) + 1;
    uses.set(client, count);
    this.#pool.emit('release', error, client);
    const { maxUses = Infinity, maxLifetimeSeconds = 0 } = this.#options;
    const old = maxLifetimeSeconds > 0 && performance.now() - since.get(client)! > maxLifetimeSeconds * 1000;
    if (count >= maxUses) this.#pool.log('remove expended client');
    else if (old) this.#pool.log('remove expired client');
    if (error || old || count >= maxUses) return this.#giveBack(false);
    if (!busy(client)) return this.#giveBack(true);
    void quiet(client).then((usable) => this.#giveBack(usable));
  }

  #giveBack(usable: boolean): void {
    if (this.#back) return;
    this.#back = true;
    this.client._types = this.#types;
    this.#checkout.release(usable);
    this.#ended();
  }
}

function busy(client: PgClient): boolean {
  return Boolean(client._getActiveQuery?.()) || (client._queryQueue?.length ?? 0) > 0;
}

/** Tells whether the client ends in time what it runs: pg would let the next holder wait for it. */
function quiet(client: PgClient): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (usable: boolean) => () => {
      clearTimeout(timer);
      client.off('drain', drained);
      client.off('end', gone);
      resolve(usable);
    };
    const [drained, gone] = [end(true), end(false)];
    const timer = setTimeout(end(false), grace).unref();
    client.on('drain', drained);
    client.on('end', gone);
  });
}
