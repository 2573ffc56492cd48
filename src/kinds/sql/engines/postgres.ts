import { ConfigError, QueryError } from '../../../errors/index.ts';
import type { Result, Row } from '../../query/index.ts';
import type { Bound } from '../binds.ts';
import { classify } from '../classification.ts';
import type { Answered, DriverConnection, Engine, EngineCursor } from '../engine.ts';
import { integerOf, type Beyond } from '../integers.ts';
import { listen } from './postgres-listen.ts';
import { NamedStatements } from './named-statements.ts';
import { copyIn } from './postgres-copy.ts';

interface PgResult {
  readonly command?: string;
  readonly rows: Row[];
  readonly rowCount: number | null;
}

interface PgClient extends DriverConnection {
  query(config: {
    text: string;
    values?: readonly unknown[] | undefined;
    types?: Types;
    callback?: Answer;
  }): Promise<PgResult | PgResult[]>;
  query<T extends object>(submittable: T): T;
  on(event: 'error' | 'end', listener: (error?: Error) => void): void;
  off(event: 'error' | 'end', listener: (error?: Error) => void): void;
  ref?(): void;
  unref?(): void;
  getTypeParser: Types['getTypeParser'];
  /** The number of the session, as the server announced it. */
  readonly processID: number | null;
  end(): Promise<void>;
  /** The state in the last ReadyForQuery: idle, in a transaction, in a failed one. */
  getTransactionStatus?(): 'I' | 'T' | 'E' | null;
  /** The wire; pg-native has none that could be seen. */
  readonly connection?: { readonly stream: { destroy(error?: Error): void } };
}

/** How the values of a statement are read. */
interface Types {
  getTypeParser(oid: number, format?: string): (text: string) => unknown;
}

interface PgCursor {
  read(count: number): Promise<Row[]>;
  close(): Promise<void>;
}

/** The part of the backend that the engine needs besides its connection. */
export interface PostgresMeans {
  /** Cancels what a connection runs, from outside. */
  cancel(connection: DriverConnection): Promise<unknown>;
  /** Opens a connection outside of the pool. */
  connect(): Promise<DriverConnection>;
  /** pg's own class of queries; pg-native has none. */
  readonly Query?: QueryClass | undefined;
  /** Statements that come again are prepared by name. Default: they are, where no pooler is in between. */
  readonly prepare?: boolean | undefined;
}

type Answer = (error: Error | null, answer?: PgResult | PgResult[]) => void;

/** The class of queries that pg exports. */
export type QueryClass = new (text: string, values: readonly unknown[] | undefined, callback: Answer) => PgQuery;

interface PgQuery {
  types?: Types;
  name?: string;
  _result?: { _types?: Types };
}

/** The query with types of its own. pg copies the settings of a query that is given as a table, which costs more than to read a row. */
function exactQuery(query: PgQuery, types: Types, name: string | undefined): PgQuery {
  query.types = types;
  if (name) query.name = name;
  if (query._result) query._result._types = types;
  return query;
}

/** pg and what speaks its protocol. */
export function postgresEngine(means: PostgresMeans, beyond: Beyond): Engine {
  const typesOf = exactTypes(beyond);
  const numbered: NumberedTexts = new WeakMap();
  const { Query, prepare = true } = means;
  const names = new NamedStatements();
  /** A pooler gives each statement another session, which does not know what was prepared. */
  let pooled: boolean | undefined;
  const query = (client: PgClient, bound: Bound, name: string | undefined, callback: Answer): void => {
    const { text, values } = textOf(bound, numbered);
    const types = typesOf(client);
    client.query(
      Query ? exactQuery(new Query(text, values, callback), types, name) : { text, values, types, callback },
    );
  };
  const send: NonNullable<Engine['send']> = (connection, bound, done) => {
    const client = connection as PgClient;
    const named = prepare && Query && pooled === false && bound.values.length > 0;
    const name = named ? names.of(client, bound.text) : undefined;
    if (!name) return query(client, bound, undefined, answering(done));
    const begun = names.begun(client);
    query(client, bound, name, (error, found) => {
      // What the server refused before it ran may be stale: its name, its types or its columns are those of before a change.
      const stale = error && names.begun(client) === begun && isRefused(error);
      if (!stale) return answer(done, error, found);
      query(client, bound, undefined, (failed, fresh) => {
        if (!failed) names.forget(client, name);
        answer(done, failed, fresh);
      });
    });
  };
  return {
    family: 'postgresql',
    blocking: false,
    get pooled() {
      return pooled === true;
    },
    send,
    run: (connection, bound) =>
      new Promise((resolve, reject) =>
        query(
          connection as PgClient,
          bound,
          undefined,
          answering((error, result) => (result ? resolve(result) : reject(error))),
        ),
      ),
    async canary(connection) {
      const client = connection as PgClient;
      const { rows } = (await client.query({ text: 'select pg_backend_pid() as pid' })) as PgResult;
      pooled = rows[0]!['pid'] !== client.processID;
    },
    async openCursor(connection, bound) {
      if (!(connection as PgClient).connection)
        throw new QueryError('not_supported', 'pg-native has no cursor: use `query`, or the driver pg.');
      const Cursor = await loadCursor();
      const { text, values } = textOf(bound, numbered);
      return new PostgresCursor(
        (connection as PgClient).query(new Cursor(text, values, { types: typesOf(connection as PgClient) })),
      );
    },
    ...(Query && { copyIn }),
    cancel: (connection) => means.cancel(connection),
    gone: (connection, tell) => {
      const client = connection as PgClient;
      const told = (error?: Error): void => tell(error ?? new Error('Connection terminated unexpectedly'));
      client.on('error', told);
      client.on('end', told);
      return () => {
        client.off('error', told);
        client.off('end', told);
      };
    },
    abandon: (connection) => destroy(connection),
    hold: (connection, held) => (connection as PgClient)[held ? 'ref' : 'unref']?.(),
    leftOpen: (connection) => (isOpen((connection as PgClient).getTransactionStatus?.()) ? ['rollback'] : nothingOpen),
    begin: ({ isolation, readOnly }) => [
      `begin${isolation ? ` isolation level ${isolation}` : ''}${readOnly ? ' read only' : ''}`,
    ],
    // The server answers a COMMIT of a failed transaction with ROLLBACK, and no error.
    commit: async (connection) => {
      const { command } = (await (connection as PgClient).query({ text: 'commit' })) as PgResult;
      return command !== 'ROLLBACK';
    },
    readOnly: (_connection, on) => Promise.resolve({ knexReadOnly: on }),
    listen: (channel, on) => listen({ connect: () => means.connect(), destroy }, channel, on),
  };
}

function answer(done: Answered, error: Error | null, found: PgResult | PgResult[] | undefined): void {
  if (error) done(error);
  else done(undefined, resultOf(found!));
}

function answering(done: Answered): Answer {
  return (error, found) => answer(done, error, found);
}

const nothingOpen: readonly string[] = [];

function isOpen(status: 'I' | 'T' | 'E' | null | undefined): boolean {
  return status === 'T' || status === 'E';
}

/** True for a refusal of the server: neither a loss nor a cancel. */
function isRefused(error: unknown): boolean {
  const verdict = classify(error);
  return verdict?.category === 'query' && !verdict.lost;
}

const [int8, int8Array] = [20, 1016];

/** Whole numbers are read by hotline's rule, everything else as the client reads it; said with each statement, so that other users of the client see nothing of it. */
function exactTypes(beyond: Beyond): (client: PgClient) => Types {
  const known = new WeakMap<PgClient, Types>();
  const exact = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(exact);
    return typeof value === 'string' ? integerOf(value, beyond) : value;
  };
  return (client) => {
    const found = known.get(client);
    if (found) return found;
    const types: Types = {
      getTypeParser(oid, format) {
        const parse = client.getTypeParser(oid, format);
        if (format === 'binary' || (oid !== int8 && oid !== int8Array)) return parse;
        return (text) => exact(parse(text));
      },
    };
    known.set(client, types);
    return types;
  };
}

function destroy(held: DriverConnection): void {
  const connection = held as PgClient;
  if (connection.connection) connection.connection.stream.destroy(ended());
  else void connection.end().catch(() => undefined);
}

/** Whoever holds the client, or waits for its answer, is told as if an administrator had ended the session. */
function ended(): Error {
  const error = new Error('terminating connection: its lease has ended');
  return Object.assign(error, { code: '57P01', severity: 'FATAL' });
}

/** Several statements in one text give several results; the last one is the result. */
function resultOf(answer: PgResult | PgResult[]): Result {
  const { rows, rowCount } = Array.isArray(answer) ? answer.at(-1)! : answer;
  return { rows, rowCount: rowCount ?? rows.length };
}

/** The texts with numbered placeholders, made once for each text that was read. */
type NumberedTexts = WeakMap<readonly string[], string>;

function textOf(
  { text, values }: Bound,
  numbered: NumberedTexts,
): { text: string; values: readonly unknown[] | undefined } {
  // Without values the simple protocol is used, which takes several statements.
  if (values.length === 0) return { text: text[0]!, values: undefined };
  let sql = numbered.get(text);
  if (sql === undefined)
    numbered.set(text, (sql = text.reduce((before, piece, index) => `${before}$${index}${piece}`)));
  return { text: sql, values };
}

class PostgresCursor implements EngineCursor {
  readonly #cursor: PgCursor;
  #ended = false;

  constructor(cursor: PgCursor) {
    this.#cursor = cursor;
  }

  async read(count: number): Promise<Row[]> {
    try {
      const rows = await this.#cursor.read(count);
      this.#ended = rows.length < count;
      return rows;
    } catch (error) {
      // The server has closed the portal, and a second close would wait for an answer that never comes.
      this.#ended = true;
      throw error;
    }
  }

  async close(): Promise<boolean> {
    if (!this.#ended) await this.#cursor.close();
    return true;
  }
}

type CursorClass = new (text: string, values: readonly unknown[] | undefined, config: { types: Types }) => PgCursor;

async function loadCursor(): Promise<CursorClass> {
  try {
    return (await import('pg-cursor')).default as unknown as CursorClass;
  } catch (error) {
    throw new ConfigError(
      'missing_driver',
      'Streams from PostgreSQL need the package pg-cursor: npm install pg-cursor',
      {
        cause: error,
      },
    );
  }
}
