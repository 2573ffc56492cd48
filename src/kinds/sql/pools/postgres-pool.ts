import type { Socket } from 'node:net';
import type { DriverConnection } from '../engine.ts';
import type { QueryClass } from '../engines/postgres.ts';
import type { Login } from '../fresh-logins.ts';
import {
  Waiters,
  type Acquired,
  type DriverPool,
  type PoolListener,
  type PoolOptions,
  type PoolSize,
} from './driver-pool.ts';

/** The part of a client of pg that pools use. */
export interface PgClient extends DriverConnection {
  user?: string;
  password?: unknown;
  /** When it began to connect, by `performance.now()`. */
  connectsSince?: number;
  readonly connectionParameters?: { user: string; password?: unknown };
  on(event: 'error' | 'end', listener: (error?: Error) => void): this;
  connect(done: (error?: Error) => void): void;
  readonly connection?: { readonly stream: Socket };
}

type PgClientClass = new (settings: object) => PgClient;
type Release = (error?: Error | boolean) => void;

interface PgPool {
  readonly options: { min: number; idleTimeoutMillis: number };
  readonly totalCount: number;
  readonly idleCount: number;
  connect(done: (error: Error | undefined, client: PgClient | undefined, release: Release) => void): void;
  end(): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): this;
}

/** The part of the package pg that pools use. */
export interface PgPackage {
  readonly Client: PgClientClass;
  readonly Query: QueryClass;
  readonly Pool: new (options: object) => PgPool;
}

/** The settings of a connection, or a function that gives them for each physical one. */
export type ConnectionSettings = object | (() => object | Promise<object>);

/** pg's own pool: what `pg.Pool` makes, with connections that hold no process while they are idle. */
export class PostgresPool implements DriverPool {
  readonly max: number;
  readonly min: number;
  readonly acquireTimeout: number;
  readonly #pool: PgPool;
  readonly #Client: PgClientClass;
  readonly #connecting = new Set<PgClient>();
  readonly #releases = new Map<DriverConnection, Release>();
  /** pg forgets the callers in its queue when it ends. */
  readonly #waiters = new Waiters();
  #retired = false;
  #closing: Promise<void> | undefined;

  constructor(pg: PgPackage, settings: ConnectionSettings, options: PoolOptions, listener: PoolListener) {
    this.max = options.max;
    this.min = options.min;
    this.acquireTimeout = options.acquireTimeout;
    this.#Client = clientClass(pg.Client, settings, options.acquireTimeout, this.#connecting, listener);
    this.#pool = new pg.Pool({
      ...(typeof settings === 'object' && settings),
      Client: this.#Client,
      min: options.min,
      max: options.max,
      // That of the settings is for the login; callers wait for `acquireTimeout`.
      connectionTimeoutMillis: 0,
      // The pool of pg takes 0 for never.
      idleTimeoutMillis: finite(options.idleTimeout),
      maxLifetimeSeconds: finite(options.maxLifetime) / 1000,
      allowExitOnIdle: true,
      verify: (client: PgClient, done: (error?: unknown) => void) => {
        this.#connecting.add(client);
        void untilGone(client, async () => listener.connected(client))
          .finally(() => this.#connecting.delete(client))
          .then(() => {
            listener.created?.(client.connectsSince ?? performance.now());
            done();
          }, done);
      },
    });
    // An idle client whose link breaks is removed by the pool itself.
    this.#pool.on('error', () => undefined);
  }

  get idle(): number {
    return this.#pool.idleCount;
  }

  get size(): PoolSize {
    const { totalCount, idleCount } = this.#pool;
    const used = this.#releases.size;
    return {
      used,
      idle: idleCount,
      connecting: Math.max(0, totalCount - idleCount - used),
      waiting: this.#waiters.size,
    };
  }

  acquire(done: Acquired): () => void {
    const timeout = this.#pool.idleCount > 0 ? Infinity : this.acquireTimeout;
    const waiter = this.#waiters.add(done, timeout);
    if (this.#closing) return () => undefined;
    this.#pool.connect((error, client, release) => {
      if (!client) return waiter.fail(error);
      if (!waiter.leave()) return release();
      this.#releases.set(client, release);
      done(undefined, client);
    });
    return () => void waiter.leave();
  }

  release(connection: DriverConnection, usable: boolean): void {
    const release = this.#releases.get(connection);
    this.#releases.delete(connection);
    // A caller of a retired pool waits for this one: its settings may open no other.
    release?.(!usable || (this.#retired && this.#waiters.size === 0));
  }

  retire(): void {
    this.#retired = true;
    this.#pool.options.min = 0;
    this.#closeIdle();
  }

  close(): Promise<void> {
    this.#waiters.close();
    return (this.#closing ??= this.#pool.end());
  }

  /** A connection outside of the pool, for who keeps it. */
  connectAlone(): Promise<DriverConnection> {
    return new Promise((resolve, reject) => {
      const client = new this.#Client({});
      client.connect((error) => (error ? reject(error) : resolve(client)));
    });
  }

  stopConnecting(): void {
    for (const client of this.#connecting) client.connection?.stream.destroy();
  }

  /** Takes what is idle and gives it back to be closed. */
  #closeIdle(): void {
    for (let idle = this.#pool.idleCount; idle > 0; idle--)
      this.#pool.connect((_error, client, release) => client && release(true));
  }
}

/** A client that asks for its settings when it connects, and that `stopConnecting` finds while it does. */
function clientClass(
  Client: PgClientClass,
  settings: ConnectionSettings,
  connectTimeout: number,
  connecting: Set<PgClient>,
  listener: PoolListener,
): PgClientClass {
  return class extends Client {
    constructor() {
      // Not what the pool hands over: it hides the password there.
      super({ connectionTimeoutMillis: finite(connectTimeout), ...(typeof settings === 'object' && settings) });
      // Without a listener an error on a client that is held would end the process.
      this.on('error', (error) => (this.__knex__disposed ??= error));
    }

    override connect(done: (error?: Error) => void): void {
      const heldBack = listener.heldBack();
      if (heldBack !== undefined) return process.nextTick(done, heldBack);
      connecting.add(this);
      this.connectsSince = performance.now();
      let login: Login | undefined;
      const ended = (error?: Error): void => {
        connecting.delete(this);
        if (error) login?.failed(error);
        if (error) listener.refused(error);
        done(error);
      };
      if (typeof settings === 'object' && !listener.login) return super.connect(ended);
      const ready = async (): Promise<void> => {
        if (typeof settings !== 'object') this.#use(await settings());
        login = await listener.login?.();
        if (login) this.#logInBy(login);
      };
      void ready().then(() => super.connect(ended), ended);
    }

    #logInBy({ user, password }: Login): void {
      this.user = user;
      this.password = password;
      Object.assign(this.connectionParameters!, { user, password });
    }

    #use(current: object): void {
      const fresh = new Client(current) as PgClient & Record<string, unknown>;
      const own = this as unknown as Record<string, unknown>;
      for (const name of ['connectionParameters', 'user', 'password', 'database', 'host', 'port', 'ssl', 'connection'])
        if (name in fresh) Object.defineProperty(own, name, Object.getOwnPropertyDescriptor(fresh, name)!);
    }
  };
}

/** Resolves as `work` does; rejects when the connection ends before. */
function untilGone(client: PgClient, work: () => Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    client.on('end', () => reject(client.__knex__disposed ?? new Error('Connection terminated unexpectedly')));
    work().then(resolve, reject);
  });
}

/** pg takes 0 for no limit. */
function finite(milliseconds: number): number {
  return Number.isFinite(milliseconds) ? milliseconds : 0;
}
