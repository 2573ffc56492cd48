import { randomUUID } from 'node:crypto';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { Login } from './login.ts';
import { macroScript } from './macros.ts';
import { defaultParameters } from './parameters.ts';

/** What a session points at; the login request names the first values, USE changes them. */
export interface Place {
  database?: string | undefined;
  schema?: string | undefined;
  warehouse?: string | undefined;
  role?: string | undefined;
}

/** What a session begins with. */
export interface SessionStart {
  readonly place: Place;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly warehouses: readonly string[] | undefined;
  readonly roles: readonly string[] | undefined;
}

/** One session: who, where, its parameters, and its DuckDB connections. */
export class Session {
  readonly id: number;
  readonly login: Login;
  readonly place: Place;
  readonly parameters: Record<string, unknown>;
  /** The warehouses that exist; `undefined`: whatever is named, and none is needed. */
  readonly warehouses: readonly string[] | undefined;
  /** The roles that the user was granted besides PUBLIC; `undefined`: whatever is named. */
  readonly roles: readonly string[] | undefined;
  inTransaction = false;
  /** Set once something lives on the main connection alone (temporary tables): no other may stand in for it then. */
  pinned = false;
  readonly #instance: DuckDBInstance;
  /** DuckDB's name for the database there is without a choice: `memory`, or that of the file. */
  #home = 'memory';
  #main: Promise<DuckDBConnection> | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  readonly #spares: DuckDBConnection[] = [];

  constructor(id: number, login: Login, start: SessionStart, instance: DuckDBInstance) {
    this.id = id;
    this.login = login;
    this.place = start.place;
    this.parameters = { ...defaultParameters, ...start.parameters };
    this.warehouses = start.warehouses;
    this.roles = start.roles;
    this.#instance = instance;
  }

  /** Runs on the main connection, after whatever runs there now. */
  exclusive<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    this.#waiting++;
    const turn = this.#queue.then(async () => work(await (this.#main ??= this.#open())));
    this.#queue = turn.then(
      () => this.#waiting--,
      () => this.#waiting--,
    );
    return turn;
  }

  /** Runs beside others, as Snowflake lets the queries of one session; in a transaction they take turns. */
  async shared<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    if (this.#waiting === 0 || this.inTransaction || this.pinned) return this.exclusive(work);
    const spare = this.#spares.pop() ?? (await this.#open());
    await spare.run(this.#whereabouts());
    try {
      return await work(spare);
    } finally {
      this.#spares.push(spare);
    }
  }

  /** To be called when no statement of the session runs any more. */
  async close(): Promise<void> {
    await this.#queue;
    (await this.#main)?.disconnectSync();
    for (const spare of this.#spares.splice(0)) spare.disconnectSync();
  }

  /** Moves the given connection to the session's database and schema, and tells it the session's variables. */
  #whereabouts(): string {
    const { database = this.#home, schema = 'main' } = this.place;
    const variables = { ...this.place, user: this.login.user, account: this.login.account, session: String(this.id) };
    return [
      `use ${name(database)}.${name(schema)}`,
      `set TimeZone = ${text(String(this.parameters['TIMEZONE']))}`,
      ...Object.entries(variables).map(([key, value]) => `set variable ${name(key)} = ${text(value)}`),
    ].join(';');
  }

  async relocate(connection: DuckDBConnection): Promise<void> {
    await connection.run(this.#whereabouts());
  }

  async #open(): Promise<DuckDBConnection> {
    const connection = await this.#instance.connect();
    const [[home]] = (await (await connection.run('select current_database()')).getRows()) as [[string]];
    this.#home = home;
    await connection.run(macroScript);
    await this.#found(connection);
    await connection.run(this.#whereabouts());
    return connection;
  }

  // A database or schema named at login is made when missing: there is nobody else to make it.
  async #found(connection: DuckDBConnection): Promise<void> {
    const { database, schema } = this.place;
    if (database !== undefined) await connection.run(`attach if not exists ':memory:' as ${name(database)}`);
    const home = database === undefined ? '' : `${name(database)}.`;
    if (schema !== undefined) await connection.run(`create schema if not exists ${home}${name(schema)}`);
  }
}

export function name(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

function text(value: string | undefined): string {
  return value === undefined ? 'null' : `'${value.replaceAll("'", "''")}'`;
}

/** An id in the form the driver insists on. */
export const newQueryId = (): string => randomUUID();
