import { randomUUID } from 'node:crypto';
import { DuckDBInstance } from '@duckdb/node-api';
import { Door } from './http.ts';
import type { Fault, InjectedFault } from './faults.ts';
import { Faults } from './faults.ts';
import type { RequestRecord } from './log.ts';
import { RequestLog } from './log.ts';
import { OAuth } from './oauth.ts';
import type { Service } from './routes.ts';
import { route } from './routes.ts';
import type { Session } from './session.ts';
import { Sessions } from './sessions.ts';
import { Stages } from './stages.ts';
import { Statements } from './statements.ts';
import type { SnowflakeUser } from './users.ts';
import { Users } from './users.ts';

export type { Fault, InjectedFault } from './faults.ts';
export type { RequestRecord } from './log.ts';
export type { SnowflakeToken, SnowflakeUser } from './users.ts';

export interface SnowflakeServerOptions {
  /** Who may log in; default `dev` with the password `dev`. */
  readonly users?: Readonly<Record<string, SnowflakeUser>>;
  /** Rows in an answer, and in each chunk after it; default 10,000, `Infinity` sends everything at once. */
  readonly chunkRows?: number;
  /** How long a request waits for its statement before it says 333333; default 45,000 ms. */
  readonly longPollMs?: number;
  /** Life of a session token; default one hour. */
  readonly sessionMs?: number;
  /** Life of the token that renews it; default four hours. */
  readonly masterMs?: number;
  /** Life of the tokens that the OAuth service hands out; default ten minutes. */
  readonly oauthMs?: number;
  /** The accounts, warehouses and databases that exist. Default: whatever a login or a statement names. */
  readonly accounts?: readonly string[];
  readonly warehouses?: readonly string[];
  readonly databases?: readonly string[];
  /** A DuckDB file to keep the default database in; default in memory. */
  readonly file?: string;
}

/** What has happened since the server was made. */
export interface SnowflakeServerCounters {
  readonly requests: number;
  /** Open now, used or idle. */
  readonly sockets: number;
  readonly logins: number;
  readonly sessionsOpened: number;
  readonly sessionsClosed: number;
  readonly sessionsOpen: number;
  readonly renewals: number;
  readonly heartbeats: number;
  readonly statements: number;
  readonly running: number;
  readonly cancels: number;
  readonly chunks: number;
}

/**
 * A Snowflake for tests and offline work: the REST protocol of the Node driver on 127.0.0.1, DuckDB behind it.
 * Its SQL is DuckDB's, with Snowflake's binds, type names and session statements.
 */
export class SnowflakeServer {
  readonly users: Users;
  readonly stages = new Stages();
  readonly #log = new RequestLog();
  readonly #faults = new Faults();
  readonly #sessions: Sessions;
  readonly #statements = new Statements();
  readonly #service: Service;
  readonly #door: Door;
  #database: Promise<DuckDBInstance> | undefined;

  constructor(options: SnowflakeServerOptions = {}) {
    const { users = { dev: { password: 'dev' } }, chunkRows = 10_000, longPollMs = 45_000 } = options;
    const { sessionMs = 3_600_000, masterMs = 14_400_000, oauthMs = 600_000, file } = options;
    this.users = new Users(users);
    const database = () => (this.#database ??= DuckDBInstance.create(file ?? ':memory:'));
    this.#sessions = new Sessions(database, sessionMs, masterMs);
    this.#service = {
      users: this.users,
      oauth: new OAuth(this.users, oauthMs),
      catalog: options,
      sessions: this.#sessions,
      statements: this.#statements,
      stages: this.stages,
      chunkRows,
      longPollMs,
      chunkKey: randomUUID(),
      counts: { logins: 0, chunks: 0, heartbeats: 0 },
      end: (session) => this.#end(session),
    };
    this.#door = new Door(this.#faults, this.#log, (call) => route(this.#service, call));
  }

  /** Starts to listen; without a port, on the one it had before or else on a free one. */
  async listen(port = this.#door.port): Promise<this> {
    await this.#door.listen(port);
    return this;
  }

  get port(): number {
    return this.#door.port;
  }

  /** For the driver's option of this name. */
  get accessUrl(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Dies as a server dies: every socket is reset, nobody listens. Sessions and data live on for `listen()`. */
  kill(): Promise<void> {
    return this.#door.kill();
  }

  /** Ends for good: sockets, statements, sessions, DuckDB. */
  async close(): Promise<void> {
    await this.#door.kill();
    await this.forgetSessions();
    (await this.#database)?.closeSync();
    this.#database = undefined;
  }

  /** Lets something go wrong with the next requests that match. */
  inject(fault: Fault): InjectedFault {
    return this.#faults.inject(fault);
  }

  clearFaults(): void {
    this.#faults.clear();
  }

  /** Session tokens run out now (390112, the driver renews them); with `master`, renewing fails as well (390114). */
  expireSessions(which?: { master?: boolean }): void {
    this.#sessions.expire(which);
  }

  /** Every session is gone (390111), with what it was running; with `finish`, what has begun still comes to its end. */
  async forgetSessions({ finish = false } = {}): Promise<void> {
    await Promise.all(this.#sessions.all().map((session) => this.#end(session, finish)));
  }

  /** The last 10,000 requests, oldest first. */
  get log(): readonly RequestRecord[] {
    return this.#log.records;
  }

  clearLog(): void {
    this.#log.clear();
  }

  get counters(): SnowflakeServerCounters {
    const { opened, closed, renewed } = this.#sessions;
    return {
      requests: this.#log.total,
      sockets: this.#door.sockets,
      ...this.#service.counts,
      sessionsOpened: opened,
      sessionsClosed: closed,
      sessionsOpen: opened - closed,
      renewals: renewed,
      statements: this.#statements.started,
      running: this.#statements.running,
      cancels: this.#statements.cancelled,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #end(session: Session, finish = false): Promise<void> {
    this.#sessions.remove(session);
    this.stages.ended(session);
    await this.#statements.end(session, finish);
    await session.close();
  }
}
