import { connect, Socket } from 'node:net';
import type { DriverConnection } from '../engine.ts';
import type { CreateQuery } from '../engines/mysql.ts';
import type { Login } from '../fresh-logins.ts';
import {
  Waiters,
  type Waiter,
  type Acquired,
  type DriverPool,
  type PoolListener,
  type PoolOptions,
  type PoolSize,
} from './driver-pool.ts';

/** The part of a connection of mysql2 that pools use. */
export interface MysqlPoolConnection extends DriverConnection {
  on(event: 'error', listener: (error: Error) => void): this;
  once(event: 'end', listener: () => void): this;
  release(): void;
  destroy(): void;
  readonly stream: Socket;
  readonly threadId: number;
}

interface MysqlOptions {
  readonly host: string;
  readonly port: number;
  readonly socketPath?: string;
  readonly enableKeepAlive?: boolean;
  readonly keepAliveInitialDelay?: number;
}

interface MysqlPool2 {
  /** The options of new connections; each has a copy. */
  readonly config: { readonly connectionConfig: object };
  getConnection(done: (error: Error | null, connection?: MysqlPoolConnection) => void): void;
  end(done: (error?: Error) => void): void;
  on(event: 'connection', listener: (connection: MysqlPoolConnection) => void): this;
}

interface SideConnection extends DriverConnection {
  on(event: 'error', listener: (error: Error) => void): void;
  connect(done: (error: Error | null) => void): void;
  query(sql: string, done: (error: Error | null) => void): void;
  destroy(): void;
}

/** The part of the package mysql2 that pools use. */
export interface MysqlPackage {
  createPool(settings: object): MysqlPool2;
  createConnection(settings: object): SideConnection;
  readonly createQuery?: CreateQuery;
}

/** The settings of a connection, or a function that gives them for each physical one. */
export type MysqlSettings = object | (() => object | Promise<object>);

/** mysql2's own pool. It has no time-out for callers, and its sweeper of idle connections holds the process: both are here. */
export class MysqlPool implements DriverPool {
  readonly max: number;
  readonly min: number;
  readonly acquireTimeout: number;
  readonly #mysql: MysqlPackage;
  readonly #settings: MysqlSettings;
  readonly #pool: MysqlPool2;
  readonly #options: PoolOptions;
  /** Sockets whose server has not answered yet. */
  readonly #connecting = new Set<Socket>();
  readonly #listener: PoolListener;
  readonly #used = new Set<MysqlPoolConnection>();
  /** Since when each is idle, by `performance.now()`; the longest first. */
  readonly #idle = new Map<MysqlPoolConnection, number>();
  #closesIdle: NodeJS.Timeout | undefined;
  readonly #openedAt = new WeakMap<MysqlPoolConnection, number>();
  /** When sockets began to connect. */
  readonly #connectsSince = new WeakMap<Socket, number>();
  /** Connections that the listener has made ready. */
  readonly #ready = new WeakSet<MysqlPoolConnection>();
  readonly #waiters = new Waiters();
  /** Errors of logins that the server was not asked for. */
  readonly #heldBack = new WeakSet<Error>();
  #retired = false;
  #emptied: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  constructor(mysql: MysqlPackage, settings: MysqlSettings, options: PoolOptions, listener: PoolListener) {
    this.max = options.max;
    this.min = options.min;
    this.acquireTimeout = options.acquireTimeout;
    this.#options = options;
    this.#listener = listener;
    this.#mysql = mysql;
    this.#settings = settings;
    this.#pool = mysql.createPool({
      stream: (made: { readonly config: MysqlOptions }) => this.#connect(made.config),
      ...(typeof settings === 'object' && settings),
      connectionLimit: options.max,
      maxIdle: options.max,
      waitForConnections: true,
      queueLimit: 0,
    });
    this.#pool.on('connection', (connection) => {
      this.#openedAt.set(connection, performance.now());
      this.#connecting.delete(connection.stream);
      // Without a listener an error on a connection that is held would end the process.
      connection.on('error', (error) => (connection.__knex__disposed ??= error));
      connection.once('end', () => this.#forget(connection));
    });
  }

  get size(): PoolSize {
    return { used: this.#used.size, idle: this.idle, connecting: 0, waiting: this.#waiters.size };
  }

  get idle(): number {
    return this.#idle.size;
  }

  acquire(done: Acquired): () => void {
    const { idle } = this;
    const waiter = this.#waiters.add(done, idle > 0 ? Infinity : this.acquireTimeout);
    if (this.#closing) return () => undefined;
    if ((typeof this.#settings === 'object' && !this.#listener.login) || idle > 0) this.#get(waiter, done);
    else
      void this.#refresh().then(
        (login) => this.#get(waiter, done, login),
        (error: unknown) => {
          this.#listener.refused(error);
          waiter.fail(error);
        },
      );
    return () => void waiter.leave();
  }

  release(connection: DriverConnection, usable: boolean): void {
    const held = connection as MysqlPoolConnection;
    if (!this.#used.delete(held)) return;
    const age = performance.now() - (this.#openedAt.get(held) ?? 0);
    const unwanted = this.#retired && this.#waiters.size === 0;
    if (!usable || unwanted || held.__knex__disposed !== undefined || age > this.#options.maxLifetime) {
      this.#destroy(held);
    } else {
      held.stream.unref();
      this.#idle.set(held, performance.now());
      this.#closeIdleIn(this.#options.idleTimeout);
      held.release();
    }
    this.#settle();
  }

  /** A connection outside of the pool, for who closes it. */
  async connectAlone(): Promise<SideConnection> {
    const settings = typeof this.#settings === 'object' ? this.#settings : await this.#settings();
    const login = await this.#listener.login?.();
    const { user, password } = login ?? {};
    const connection = this.#mysql.createConnection(login ? { ...settings, user, password } : settings);
    await new Promise<void>((resolve, reject) => {
      connection.on('error', reject);
      connection.connect((error) => (error ? reject(error) : resolve()));
    }).catch((error: unknown) => {
      login?.failed(error);
      throw error;
    });
    return connection;
  }

  /** Ends what a connection runs, from a connection beside the pool. */
  async kill(connection: DriverConnection): Promise<void> {
    const side = await this.connectAlone();
    const { threadId } = connection as MysqlPoolConnection;
    try {
      await new Promise<void>((resolve, reject) => {
        side.query(`kill query ${threadId}`, (error) => (error ? reject(error) : resolve()));
      });
    } finally {
      side.destroy();
    }
  }

  retire(): void {
    this.#retired = true;
    for (const connection of [...this.#idle.keys()]) this.#destroy(connection);
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  stopConnecting(): void {
    for (const socket of this.#connecting) socket.destroy();
  }

  async #close(): Promise<void> {
    this.#waiters.close();
    this.retire();
    clearTimeout(this.#closesIdle);
    if (this.#used.size > 0) await new Promise<void>((resolve) => (this.#emptied = resolve));
    await new Promise<void>((resolve) => this.#pool.end(() => resolve()));
  }

  #get(waiter: Waiter, done: Acquired, login?: Login): void {
    const give = (connection: MysqlPoolConnection): void =>
      waiter.leave() ? done(undefined, connection) : this.release(connection, true);
    this.#pool.getConnection((error, connection) => {
      if (!connection) {
        if (!this.#heldBack.has(error!)) login?.failed(error);
        this.#listener.refused(error);
        return waiter.fail(error);
      }
      const isNew = !this.#ready.has(connection);
      // mysql2 hands over what is idle a tick later; it may have been closed meanwhile.
      if (!isNew && !this.#idle.has(connection)) return this.#get(waiter, done, login);
      this.#take(connection);
      if (!isNew) return give(connection);
      void this.#made(connection).then(
        () => {
          this.#ready.add(connection);
          this.#listener.created?.(this.#connectsSince.get(connection.stream) ?? performance.now());
          give(connection);
        },
        (refusal: unknown) => {
          this.release(connection, false);
          waiter.fail(refusal);
        },
      );
    });
  }

  /** Has the listener make a new connection ready; rejects when it ends before. */
  #made(connection: MysqlPoolConnection): Promise<void> {
    this.#connecting.add(connection.stream);
    return new Promise<void>((resolve, reject) => {
      connection.stream.once('close', () => reject(connection.__knex__disposed ?? new Error('Connection lost')));
      Promise.resolve(this.#listener.connected(connection)).then(resolve, reject);
    }).finally(() => this.#connecting.delete(connection.stream));
  }

  /** Has connections that are opened from now on log in by what is good at this moment. */
  async #refresh(): Promise<Login | undefined> {
    const given = typeof this.#settings === 'object' ? {} : await this.#settings();
    const { uri: _uri, ...current } = given as { uri?: unknown };
    const login = await this.#listener.login?.();
    const { user, password } = login ?? {};
    Object.assign(this.#pool.config.connectionConfig, current, login && { user, password });
    return login;
  }

  /** As mysql2 connects by itself; here the socket is known before its server has answered. */
  #connect({ host, port, socketPath, enableKeepAlive, keepAliveInitialDelay }: MysqlOptions): Socket {
    const heldBack = this.#listener.heldBack();
    if (heldBack !== undefined) {
      this.#heldBack.add(heldBack);
      return new Socket().destroy(heldBack);
    }
    const socket = socketPath ? connect(socketPath) : connect(port, host).setNoDelay(true);
    if (enableKeepAlive) socket.once('connect', () => socket.setKeepAlive(true, keepAliveInitialDelay));
    this.#connecting.add(socket);
    this.#connectsSince.set(socket, performance.now());
    return socket.once('close', () => this.#connecting.delete(socket));
  }

  #take(connection: MysqlPoolConnection): void {
    this.#idle.delete(connection);
    this.#used.add(connection);
    connection.stream.ref();
  }

  /** One timer for all of them: with one for each, every statement would set and clear it. */
  #closeIdleIn(delay: number): void {
    if (delay !== Infinity) this.#closesIdle ??= setTimeout(() => this.#closeIdle(), delay).unref();
  }

  #closeIdle(): void {
    this.#closesIdle = undefined;
    const { idleTimeout, min } = this.#options;
    for (const [connection, since] of this.#idle) {
      const left = since + idleTimeout - performance.now();
      if (left > 0) return this.#closeIdleIn(left);
      if (this.#idle.size + this.#used.size > min) this.#destroy(connection);
    }
  }

  #destroy(connection: MysqlPoolConnection): void {
    this.#forget(connection);
    connection.destroy();
  }

  #forget(connection: MysqlPoolConnection): void {
    this.#idle.delete(connection);
    this.#used.delete(connection);
    this.#settle();
  }

  #settle(): void {
    if (this.#used.size === 0) this.#emptied?.();
  }
}
