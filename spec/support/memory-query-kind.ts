import { Observable, Subject } from 'rxjs';
import type { ErrorCategory } from '../../src/errors/index.ts';
import {
  type BeginOptions,
  type Cursor,
  type CursorContext,
  QueryConnection,
  type QueryDriver,
  type Result,
  type Row,
  type RunContext,
  type Statement,
  type TransactionHandle,
} from '../../src/kinds/query/index.ts';
import type { Config } from '../../src/secrets/index.ts';
import { FakeLeases, type FakeLeasesOptions } from './fake-leases.ts';

/** An error of the driver, which says itself what it is. */
export class DriverError extends Error {
  readonly category: ErrorCategory | undefined;
  readonly harmless: boolean;

  constructor(message: string, category?: ErrorCategory, harmless = false) {
    super(message);
    this.category = category;
    this.harmless = harmless;
  }
}

/** A server in memory: the test says what it answers, and reads afterwards what it was asked. */
export class MemoryServer {
  readonly sent: Statement[] = [];
  readonly contexts: RunContext[] = [];
  readonly cursors: MemoryCursor[] = [];
  readonly transactions: string[] = [];
  readonly began: BeginOptions[] = [];
  notified$ = new Subject<string>();
  listening = 0;
  answer: (statement: Statement, context: RunContext, server: MemoryServer) => Row[] | Promise<Row[]> = () => [];
  /** What cursors of the server read from. */
  table: Row[] = [];
  /** Makes things fail, or take their time. */
  onOpen: (context: CursorContext) => Promise<void> = async () => undefined;
  onRead: (count: number, cursor: MemoryCursor) => Promise<void> = async () => undefined;
  onClose: (cursor: MemoryCursor) => Promise<void> = async () => undefined;
  onTransaction: (step: 'begin' | 'commit' | 'rollback') => Promise<void> = async () => undefined;
  capacity = Infinity;

  async run(statement: Statement, context: RunContext): Promise<Result> {
    this.sent.push(statement);
    this.contexts.push(context);
    const rows = await this.answer(statement, context, this);
    return { rows, rowCount: rows.length };
  }

  /** The driver of a connection to it. */
  readonly driver: QueryDriver<MemoryServer, string> = this.#driver();

  #driver(): QueryDriver<MemoryServer, string> {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- the getter below has a `this` of its own
    const server = this;
    return {
      raw: server,
      get capacity() {
        return server.capacity;
      },
      run: (statement, context) => server.run(statement, context),
      openCursor: (_statement, context) => server.openCursor(context),
      begin: (options) => server.begin(options),
      listen: (channel) =>
        new Observable((subscriber) => {
          server.listening++;
          subscriber.add(() => server.listening--);
          subscriber.next(`listening to ${channel}`);
          subscriber.add(server.notified$.subscribe(subscriber));
        }),
      close: () => undefined,
    };
  }

  async begin(options: BeginOptions): Promise<TransactionHandle<string>> {
    const step = async (name: 'begin' | 'commit' | 'rollback'): Promise<void> => {
      this.transactions.push(name);
      await this.onTransaction(name);
    };
    this.began.push(options);
    await step('begin');
    return {
      raw: 'the transaction of the driver',
      run: (statement, context) => this.run(statement, context),
      openCursor: (_statement, context) => this.openCursor(context),
      commit: () => step('commit'),
      rollback: () => step('rollback'),
    };
  }

  async openCursor(context: CursorContext): Promise<Cursor> {
    await this.onOpen(context);
    const cursor = new MemoryCursor(this);
    this.cursors.push(cursor);
    return cursor;
  }
}

export class MemoryCursor implements Cursor {
  readonly server: MemoryServer;
  position = 0;
  reads = 0;
  closed = 0;

  constructor(server: MemoryServer) {
    this.server = server;
  }

  async read(count: number): Promise<Row[]> {
    this.reads++;
    await this.server.onRead(count, this);
    const rows = this.server.table.slice(this.position, this.position + count);
    this.position += rows.length;
    return rows;
  }

  async close(): Promise<void> {
    this.closed++;
    await this.server.onClose(this);
  }
}

/** A query kind over MemoryServers; every instance of a connection speaks to the same one. */
export class MemoryConnection extends QueryConnection<MemoryServer, string> {
  protected connect(_config: Config): QueryDriver<MemoryServer, string> {
    throw new Error('The stand-in for the port opens.');
  }

  protected override classify(error: unknown): ErrorCategory | undefined {
    return error instanceof DriverError ? error.category : undefined;
  }

  protected override breaks(error: unknown): boolean {
    return !(error instanceof DriverError && error.harmless);
  }
}

/** A connection, its port and its server. */
export function memoryConnection(options?: FakeLeasesOptions) {
  const server = new MemoryServer();
  const leases = new FakeLeases(() => server.driver, options);
  return { server, leases, connection: new MemoryConnection(leases) };
}
