import type { PoolConnection, PoolOptions } from 'mysql2';

/** The property of a connection that says who holds it. */
const holder = Symbol('holder');

/** A connection of mysql2, with what a pool looks at. */
export type MysqlConnection = Omit<PoolConnection, 'config'> & {
  config: object;
  [holder]?: CheckedOut | undefined;
  readonly _command?: { readonly next?: unknown } | null;
  readonly _commands?: { readonly length: number };
};

/** The client that a lease on the current instance gives. */
interface Checkout {
  readonly connection: object;
  readonly retired: AbortSignal;
  release(usable: boolean, renew: boolean): void;
}

/** The rules for a connection: how it reads and writes values, and whether it is made new as it comes back. */
interface Rules {
  readonly reading: PoolOptions;
  readonly renew: boolean;
}

/** Milliseconds that a connection may take to end what its holder has left running. */
const grace = 5000;

/** A connection in the hands of somebody, from its checkout to its release. */
export class CheckedOut {
  readonly connection: PoolConnection;
  readonly #checkout: Checkout;
  readonly #ended: () => void;
  readonly #config: object;
  readonly #renew: boolean;
  #released = false;

  constructor(checkout: Checkout, { reading, renew }: Rules, ended: () => void) {
    const connection = checkout.connection as MysqlConnection;
    this.connection = connection;
    this.#checkout = checkout;
    this.#ended = ended;
    this.#renew = renew;
    this.#config = connection.config;
    if (Object.keys(reading).length > 0)
      connection.config = Object.assign(
        Object.create(Object.getPrototypeOf(this.#config) as object) as object,
        this.#config,
        reading,
      );
    adopt(connection)[holder] = this;
  }

  /** True while newcomers get connections of the same instance. */
  get current(): boolean {
    return !this.#checkout.retired.aborted;
  }

  /** The second call does nothing, as in mysql2. */
  release(): void {
    if (this.#released) return;
    if (!busy(this.connection)) return this.giveBack(true);
    this.#released = true;
    quiet(this.connection, (usable) => {
      this.#released = false;
      this.giveBack(usable);
    });
  }

  giveBack(usable: boolean): void {
    if (this.#released) return;
    this.#released = true;
    const connection = this.connection as unknown as MysqlConnection;
    connection[holder] = undefined;
    connection.config = this.#config;
    this.#checkout.release(usable, this.#renew);
    this.#ended();
  }
}

/**
 * Has `release` and `destroy` of a connection speak to its holder, and where it has none, as the class does: its pool closes
 * it by them. They are set once, as deleting them at each release would slow down everything that uses the object.
 */
function adopt(connection: MysqlConnection): MysqlConnection {
  if (holder in connection) return connection;
  const { release, destroy } = connection;
  return Object.assign(connection, {
    [holder]: undefined,
    release(): void {
      const held = connection[holder];
      if (held) held.release();
      else release.call(connection);
    },
    destroy(): void {
      connection[holder]?.giveBack(false);
      destroy.call(connection);
    },
  });
}

/** A command that has ended is still there while it tells so. */
function busy({ _command, _commands }: MysqlConnection): boolean {
  return Boolean(_command?.next) || (_commands?.length ?? 0) > 0;
}

/** Tells whether the connection ends in time what it runs: mysql2 would let the next holder wait for it. */
function quiet(connection: PoolConnection, done: (usable: boolean) => void): void {
  // A command that has failed looks as if it went on, until it has told so.
  process.nextTick(() => {
    if (!busy(connection)) return done(true);
    const timer = setTimeout(done, grace, false).unref();
    connection.ping((error) => {
      clearTimeout(timer);
      done(!error);
    });
  });
}
