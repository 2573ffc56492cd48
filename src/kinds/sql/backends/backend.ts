import type { Knex } from 'knex';
import type { DriverConnection, Engine } from '../engine.ts';
import type { FreshLogins } from '../fresh-logins.ts';
import type { Beyond } from '../integers.ts';
import type { SqlPool, Warn } from '../pool.ts';
import type { PoolChannel } from '../pool-channel.ts';
import type { RefusedLogins } from '../refused-logins.ts';
import type { DriverPool, PoolOptions } from '../pools/driver-pool.ts';

/** How one driver is used: its pool, its way to run statements, and knex over both. */
export interface Backend {
  /** The package. */
  readonly driver: string;
  /** The options of a connection and of the pool, in the words of the driver. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly engine: Engine;
  readonly pool: DriverPool;
  /** The logins that the server refuses, and who waits for one. */
  readonly logins: RefusedLogins;
  /** Opens a connection outside of the pool, for who closes it. */
  connect(): Promise<DriverConnection>;
  /** Takes from a connection what its holder has set on it, so that it is like a new one. Default: it is closed instead. */
  renew?(connection: DriverConnection): Promise<void>;
  /** Makes the knex instance that `use` passes; its connections come from `pool`. */
  knexOver(pool: SqlPool): Knex;
}

/** How statements are sent and their rows read. */
export interface StatementRules {
  /** The type of integers beyond those that a number holds exactly. */
  readonly beyond: Beyond;
  /** Statements that come again are prepared by name, where the server and what is in between allow it. */
  readonly prepare: boolean;
  /** The statements for each new connection of the pool. */
  readonly onConnect: readonly string[];
  /** How long SQLite waits for a lock, in milliseconds. */
  readonly busyTimeout: number;
}

/** Receives what an opened database finds out. */
export interface Findings {
  /** Something looks wrong but stops nothing. */
  readonly warn: Warn;
  /** A fresh connection could not be had. */
  readonly unreachable: (error: object) => void;
  /** A statement failed with this error because the server of the instance is another one now. */
  readonly moved: (error: object) => void;
  /** The server refuses what the sources said last. */
  readonly look?: (() => void) | undefined;
  /** Has the instance that is to replace this one tried at once; `true` where there is one. */
  readonly hasten?: (() => boolean) | undefined;
  /** Is told how long its connections are opened, waited for and used. Default: nobody is. */
  readonly times?: PoolChannel | undefined;
}

/** The parts of a backend besides its driver. */
export interface BackendParts {
  readonly settings: Knex.Config;
  readonly rules: StatementRules;
  readonly findings: Findings;
  /** The logins, where the password is not among the settings. */
  readonly fresh: FreshLogins | undefined;
}

type Done = (error?: unknown) => void;

/** knex's settings of a pool, as far as hotline's own pools know them. */
export interface KnexPoolSettings {
  readonly min?: number;
  readonly max?: number;
  readonly idleTimeoutMillis?: number;
  readonly acquireTimeoutMillis?: number;
  readonly maxConnectionLifetimeMillis?: number;
  readonly afterCreate?: (connection: DriverConnection, done: Done) => unknown;
  readonly validate?: (connection: DriverConnection) => boolean | Promise<boolean>;
}

/** The options of knex's own pool for the same settings. */
export function poolOptions(settings: Knex.Config): PoolOptions {
  const pool = (settings.pool ?? {}) as KnexPoolSettings;
  const timeouts = [settings.acquireConnectionTimeout, pool.acquireTimeoutMillis].filter((time) => time !== undefined);
  return {
    min: pool.min ?? 0,
    max: pool.max ?? 10,
    idleTimeout: pool.idleTimeoutMillis ?? 30_000,
    acquireTimeout: timeouts.length > 0 ? Math.min(...timeouts) : 60_000,
    maxLifetime: pool.maxConnectionLifetimeMillis || Infinity,
  };
}

/** Runs knex's `afterCreate`, which calls back or returns a promise that rejects. */
export function afterCreate(settings: Knex.Config, connection: DriverConnection): Promise<void> | undefined {
  const { afterCreate: run } = (settings.pool ?? {}) as KnexPoolSettings;
  if (typeof run !== 'function') return undefined;
  return new Promise((resolve, reject) => {
    const done: Done = (error) => (error ? reject(error) : resolve());
    const doing = run(connection, done);
    if (doing instanceof Promise) doing.catch(reject);
  });
}
