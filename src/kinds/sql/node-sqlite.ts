import type { Row } from '../query/index.ts';

/** The part of node:sqlite that is used here. */
interface NodeSqlite {
  readonly DatabaseSync: new (path: string, options: { readonly readOnly: boolean }) => DatabaseSync;
  readonly StatementSync: { readonly prototype: object };
}

interface DatabaseSync {
  readonly isTransaction: boolean;
  prepare(sql: string): StatementSync;
  exec(sql: string): void;
  close(): void;
}

interface StatementSync {
  columns(): readonly unknown[];
  setReadBigInts(on: boolean): void;
  all(...values: readonly unknown[]): unknown[];
  run(...values: readonly unknown[]): Changes;
  iterate(...values: readonly unknown[]): Iterator<unknown>;
}

interface Changes {
  readonly changes: number | bigint;
  readonly lastInsertRowid: number | bigint;
}

type Builtin = { getBuiltinModule?(name: string): unknown };

/** SQLite as Node.js brings it; `undefined` where it has none, or one that does not tell which statements give rows (before 22.16). */
export function nodeSqlite(): NodeSqlite | undefined {
  // Asked for by name at run time, so that no bundler looks for it; it is looked for nowhere else.
  const found = (process as Builtin).getBuiltinModule?.('node:sqlite') as NodeSqlite | undefined;
  return found && 'columns' in found.StatementSync.prototype ? found : undefined;
}

/** A class that is to node:sqlite what better-sqlite3 exports: what knex and the engine of SQLite are written for. */
export function nodeSqliteDatabase({ DatabaseSync }: NodeSqlite): new (path: string, options: object) => Database {
  const open = (path: string, readOnly: boolean): DatabaseSync => named(() => new DatabaseSync(path, { readOnly }));
  const keeps = keepsColumns(open(':memory:', false));
  return class extends Database {
    constructor(path: string, { readonly = false }: { readonly?: boolean }) {
      super(open(path, readonly), keeps);
    }
  };
}

/** True where a prepared statement gives the columns of before a change of its table, as in Node.js 22. */
function keepsColumns(probe: DatabaseSync): boolean {
  probe.prepare('create table t as select 1 as a').run();
  const all = probe.prepare('select * from t');
  all.all();
  probe.prepare('alter table t add column b').run();
  const [row] = all.all();
  probe.close();
  return Object.keys(row as object).length < 2;
}

class Database {
  readonly #database: DatabaseSync;
  readonly #keepsColumns: boolean;
  #safeIntegers = false;

  constructor(database: DatabaseSync, keepsColumns: boolean) {
    this.#database = database;
    this.#keepsColumns = keepsColumns;
  }

  get inTransaction(): boolean {
    return this.#database.isTransaction;
  }

  defaultSafeIntegers(on: boolean): void {
    this.#safeIntegers = on;
  }

  prepare(sql: string): Statement {
    const prepare = (): StatementSync => this.#database.prepare(sql);
    const renew = (): StatementSync => {
      // What another connection has changed is seen when a statement runs, not where one is prepared.
      this.#database.prepare('select 1 from sqlite_schema limit 0').all();
      return prepare();
    };
    return named(() => new Statement(prepare(), this.#keepsColumns && renew).safeIntegers(this.#safeIntegers));
  }

  exec(sql: string): void {
    named(() => this.#database.exec(sql));
  }

  close(): void {
    this.#database.close();
  }
}

class Statement {
  readonly #renew: (() => StatementSync) | false;
  #statement: StatementSync;
  readonly reader: boolean;
  #safeIntegers = false;

  /** `renew` prepares it anew; to be called before each use where it keeps its columns. */
  constructor(statement: StatementSync, renew: (() => StatementSync) | false) {
    this.#statement = statement;
    this.#renew = renew;
    this.reader = statement.columns().length > 0;
    // Node.js 26 would refuse to say the number of a row, after the row is in.
    if (!this.reader) statement.setReadBigInts(true);
  }

  safeIntegers(on: boolean): this {
    if (this.reader && on !== this.#safeIntegers) this.#statement.setReadBigInts(on);
    this.#safeIntegers = on;
    return this;
  }

  all(values: readonly unknown[]): Row[] {
    return named(() => {
      if (this.#renew) {
        this.#statement = this.#renew();
        this.#statement.setReadBigInts(this.#safeIntegers);
      }
      try {
        return this.#statement.all(...values).map(plain);
      } catch (error) {
        if (this.#safeIntegers || (error as { code?: unknown }).code !== 'ERR_OUT_OF_RANGE') throw error;
        return this.#rounded(values);
      }
    });
  }

  get(values: readonly unknown[]): Row | undefined {
    return this.all(values)[0];
  }

  run(values: readonly unknown[]): Changes {
    return named(() => {
      const { changes, lastInsertRowid } = this.#statement.run(...values);
      const id = Number(lastInsertRowid);
      return { changes: Number(changes), lastInsertRowid: Number.isSafeInteger(id) ? id : lastInsertRowid };
    });
  }

  *iterate(values: readonly unknown[]): Generator<Row, void> {
    const inexact = !this.#safeIntegers;
    const rows = named(() => this.safeIntegers(true).#statement.iterate(...values));
    try {
      for (let next = named(() => rows.next()); !next.done; next = named(() => rows.next())) {
        const row = plain(next.value);
        yield inexact ? rounded(row) : row;
      }
    } finally {
      rows.return?.();
      if (inexact) this.safeIntegers(false);
    }
  }

  /** node:sqlite refuses to give an integer as a number that cannot hold it. */
  #rounded(values: readonly unknown[]): Row[] {
    const rows = this.safeIntegers(true).all(values);
    this.safeIntegers(false);
    return rows.map(rounded);
  }
}

/** The row with numbers for all its integers, as the other drivers give it. */
function rounded(row: Row): Row {
  for (const name in row) if (typeof row[name] === 'bigint') row[name] = Number(row[name]);
  return row;
}

/** The row as the other drivers give one: with the prototype of every object, and bytes as a Buffer. */
function plain(found: unknown): Row {
  const row = { ...(found as Row) };
  for (const name in row) {
    const value = row[name];
    if (value instanceof Uint8Array) row[name] = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
  return row;
}

/** Runs a call, whose error gets the code that the other drivers give it: the name of SQLite's number. */
function named<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    const { errcode } = error as { errcode?: unknown };
    if (typeof errcode === 'number') Object.assign(error as object, { code: nameOf(errcode) });
    throw error;
  }
}

/** SQLite's names of the results that are errors, by their numbers from 1 on. */
const primary = (
  'ERROR INTERNAL PERM ABORT BUSY LOCKED NOMEM READONLY INTERRUPT IOERR CORRUPT NOTFOUND FULL CANTOPEN PROTOCOL ' +
  'EMPTY SCHEMA TOOBIG CONSTRAINT MISMATCH MISUSE NOLFS AUTH FORMAT RANGE NOTADB'
).split(' ');

/** Its more exact names that somebody asks for, by the byte above. */
const exact: Readonly<Record<string, readonly string[]>> = {
  BUSY: ['RECOVERY', 'SNAPSHOT', 'TIMEOUT'],
  LOCKED: ['SHAREDCACHE', 'VTAB'],
  CONSTRAINT: 'CHECK COMMITHOOK FOREIGNKEY FUNCTION NOTNULL PRIMARYKEY TRIGGER UNIQUE VTAB ROWID PINNED DATATYPE'.split(
    ' ',
  ),
};

function nameOf(code: number): string {
  const name = primary[(code & 0xff) - 1] ?? 'ERROR';
  const more = exact[name]?.[(code >> 8) - 1];
  return more ? `SQLITE_${name}_${more}` : `SQLITE_${name}`;
}
