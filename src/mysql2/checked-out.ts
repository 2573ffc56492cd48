import type { PoolConnection, PoolOptions } from 'mysql2';

/** A connection of mysql2, with what a pool looks at. */
export type MysqlConnection = Omit<PoolConnection, 'config'> & {
  config: object;
  readonly _command?: { readonly next?: unknown } | null;
  readonly _commands?: { readonly length: number };
};

/** The client that a lease on the current instance gives. */
interface Checkout {
  readonly connection: object;
  release(usable: boolean): void;
}

/** Milliseconds that a connection may take to end what its holder has left running. */
const grace = 5000;

/** A connection in the hands of somebody, from its checkout to its release. */
export class CheckedOut {
  readonly connection: PoolConnection;
  readonly #checkout: Checkout;
  readonly #ended: () => void;
  readonly #config: object;
  #released = false;

  constructor(checkout: Checkout, reading: PoolOptions, ended: () => void) {
    const connection = checkout.connection as MysqlConnection;
    this.connection = connection;
    this.#checkout = checkout;
    this.#ended = ended;
    this.#config = connection.config;
    if (Object.keys(reading).length > 0)
      connection.config = Object.assign(
        Object.create(Object.getPrototypeOf(this.#config) as object) as object,
        this.#config,
        reading,
      );
    const release = (): void => this.#release();
    const end = (done?: () => void): void => {
      this.#release();
      done?.();
    };
    const destroy = (): void => {
      this.giveBack(false);
      // From here on the connection's own.
      connection.destroy();
    };
    Object.assign(connection, { release, end, destroy });
  }

  /** The second call does nothing, as in mysql2. */
  #release(): void {
    if (this.#released) return;
    if (!busy(this.connection)) return this.giveBack(true);
    this.#released = true;
    void quiet(this.connection).then((usable) => {
      this.#released = false;
      this.giveBack(usable);
    });
  }

  giveBack(usable: boolean): void {
    if (this.#released) return;
    this.#released = true;
    const connection = this.connection as unknown as Partial<MysqlConnection>;
    // Whoever holds it next, and the pool that closes it, use what the class has.
    delete connection.release;
    delete connection.end;
    delete connection.destroy;
    connection.config = this.#config;
    this.#checkout.release(usable);
    this.#ended();
  }
}

/** A command that has ended is still there while it tells so. */
function busy({ _command, _commands }: MysqlConnection): boolean {
  return Boolean(_command?.next) || (_commands?.length ?? 0) > 0;
}

/** Tells whether the connection ends in time what it runs: mysql2 would let the next holder wait for it. */
function quiet(connection: PoolConnection): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), grace).unref();
    connection.ping((error) => {
      clearTimeout(timer);
      resolve(!error);
    });
  });
}
