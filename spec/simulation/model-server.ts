import { filter, Observable, Subject, take, timer } from 'rxjs';
import {
  QueryConnection,
  type Config,
  type ErrorCategory,
  type LeaseContext,
  type QueryDriver,
  type Result,
  type RunContext,
  type TransactionHandle,
} from 'hotline';
import type { Clock } from '../registry/support/clock.ts';
import type { Chance } from './chance.ts';
import { HeldConnections, type HeldConnection } from './held-connections.ts';

/** An error of the model's driver. */
export class Fault extends Error {
  readonly category: ErrorCategory;

  constructor(category: ErrorCategory, what: string) {
    super(what);
    this.category = category;
  }
}

type State = 'up' | 'refusing' | 'hanging';

/** A database server, with what can happen to one. */
export class ModelServer {
  readonly name: string;
  readonly passwords = new Map<string, string>();
  readonly sessions = new Set<Session>();
  readOnly = false;
  state: State = 'up';
  readonly #change$ = new Subject<void>();

  constructor(name: string) {
    this.name = name;
  }

  turn(state: State): void {
    this.state = state;
    this.#change$.next();
  }

  /** Ends every session, or each with that chance. */
  cut(hits: () => boolean = () => true): void {
    for (const session of [...this.sessions]) if (hits()) session.lose();
  }

  /** Emits as soon as the server does anything at all. */
  get answers$(): Observable<unknown> {
    return this.#change$.pipe(filter(() => this.state !== 'hanging'));
  }
}

/** One socket to a server. */
export class Session {
  readonly server: ModelServer;
  readonly config: Config;
  /** The number of the opening among all of its connection, from 1. */
  readonly number: number;
  readonly lost$ = new Subject<void>();
  lost = false;
  closed = false;
  /** The leases of it were cut: what still runs on it may be closed. */
  cut = false;
  running = 0;
  listeners = 0;
  held: HeldConnections | undefined;

  constructor(server: ModelServer, config: Config, number: number) {
    this.server = server;
    this.config = config;
    this.number = number;
    server.sessions.add(this);
  }

  lose(): void {
    this.lost = true;
    this.server.sessions.delete(this);
    this.lost$.next();
  }
}

/** What is seen of the servers, and asked of them. */
export interface Network {
  readonly clock: Clock;
  readonly chance: Chance;
  /** The server that a host stands for at this moment. */
  readonly hosts: Map<string, ModelServer>;
  readonly broken: (rule: string) => void;
  /** The leases of an instance are cut at this moment, so that it may be closed under them. */
  readonly leasesCut: (name: string) => boolean;
  readonly trace: (what: string) => void;
  /** What `live` shows, and what the channel says when it changes. */
  readonly data: number;
  readonly changed$: Observable<void>;
  /** The table of `doomed` is gone. */
  readonly dropped: boolean;
}

/** The books of one connection: what was opened and closed, and by how many at once. */
export class Books {
  readonly sessions: Session[] = [];
  opening = 0;
  opened = 0;
  closed = 0;

  get open(): number {
    return this.opened - this.closed;
  }

  /** Connections that sessions have. */
  get held(): number {
    return this.sessions.reduce((sum, { held }) => sum + (held?.out ?? 0), 0);
  }

  get listeners(): number {
    return this.sessions.reduce((sum, { listeners }) => sum + listeners, 0);
  }

  get latest(): number {
    return this.sessions.at(-1)?.number ?? 0;
  }
}

/** The kind whose servers are models; each connection name has its books. */
export function modelKind(network: Network, overlap: boolean) {
  const { clock, chance, broken, trace } = network;
  const booksOf = new Map<string, Books>();
  const books = (name: string): Books => {
    if (!booksOf.has(name)) booksOf.set(name, new Books());
    return booksOf.get(name)!;
  };

  /** Waits in virtual time for the server; ends early where the signal fires or the session is lost. */
  const wait = (server: ModelServer, took: number, signal: AbortSignal, session?: Session): Promise<void> =>
    new Promise((resolve, reject) => {
      const ended = new Subject<void>();
      const end = (act: () => void): void => {
        signal.removeEventListener('abort', abort);
        ended.next();
        ended.complete();
        act();
      };
      const abort = (): void => end(() => reject(signal.reason as Error));
      if (signal.aborted) return abort();
      signal.addEventListener('abort', abort);
      const arrive = (): void => {
        if (server.state !== 'hanging') return end(resolve);
        const back = server.answers$.pipe(take(1)).subscribe(() => end(resolve));
        ended.subscribe(() => back.unsubscribe());
      };
      const arrives = timer(took, clock).subscribe(arrive);
      ended.subscribe(() => arrives.unsubscribe());
      const gone = session?.lost$.pipe(take(1)).subscribe(() => end(() => reject(terminated())));
      ended.subscribe(() => gone?.unsubscribe());
    });
  const terminated = (): Fault => new Fault('transient', 'the session was terminated');

  class ModelConnection extends QueryConnection<Session, Session, HeldConnection> {
    static override readonly overlap = overlap;
    static override readonly settings = {
      host: { public: true },
      user: { public: true },
      password: {},
      version: { public: true },
    };

    protected async connect(
      config: Config,
      { signal }: LeaseContext,
    ): Promise<QueryDriver<Session, Session, HeldConnection>> {
      const book = books(this.name);
      const host = String(config['host']);
      book.opening++;
      if (book.opening > 1) broken(`two openings of ${this.name} at once`);
      if (!overlap && book.open > 0) broken(`two instances of ${this.name} side by side`);
      let given = false;
      const giveUp = (): void => {
        if (!given) book.opening--;
        given = true;
      };
      signal.addEventListener('abort', giveUp);
      try {
        const server = network.hosts.get(host);
        if (!server) throw new Fault('transient', `no such host`);
        await wait(server, chance.int(1, 25), signal);
        if (server.state === 'refusing') throw new Fault('transient', 'connection refused');
        if (server.passwords.get(String(config['user'])) !== config['password'])
          throw new Fault('auth', 'password authentication failed');
        const session = new Session(server, config, book.sessions.length + 1);
        book.sessions.push(session);
        book.opened++;
        trace(
          `${this.name} logged in ${session.number} at ${server.name} as ${String(config['user'])} v${String(config['version'])}`,
        );
        return this.#driver(session, book);
      } finally {
        giveUp();
      }
    }

    #driver(session: Session, book: Books): QueryDriver<Session, Session, HeldConnection> {
      const run = async (sql: string, write: boolean, signal: AbortSignal): Promise<Result> => {
        const { server, config, number } = session;
        if (session.closed && !session.cut) broken(`${this.name} ${number} was used after its close`);
        if (session.lost) throw terminated();
        const leased = sql === 'check' ? 0 : 1;
        session.running += leased;
        // The rows are of the moment at which the statement came.
        const value = network.data;
        try {
          await wait(server, sql === 'slow' ? chance.int(200, 2500) : chance.int(1, 12), signal, session);
          if (session.lost) throw terminated();
          if (write && server.readOnly) throw new Fault('transient', 'cannot write: the server is read-only');
          const { user, version } = config;
          if (sql === 'doomed' && network.dropped) throw new Fault('query', 'no such table');
          if (sql === 'live' || sql === 'doomed') return { rows: [{ value, version }], rowCount: 1 };
          return { rows: [{ server: server.name, user, version, number }], rowCount: 1 };
        } finally {
          session.running -= leased;
        }
      };
      const held = (session.held = new HeldConnections({ broken, run }));
      const of = (context: RunContext): Promise<Result> => run('fast', context.write, context.signal);
      return {
        raw: session,
        run: (statement, context) => run(statement.sql, context.write, context.signal),
        check: ({ signal }) => run('check', false, signal),
        openCursor: async (_statement, { signal, batchSize }) => {
          let left = 3;
          return {
            read: async (count) => {
              if (left-- <= 0) return [];
              const { rows } = await run('fast', false, signal);
              return Array.from({ length: Math.min(count, batchSize) }, () => rows[0]!);
            },
            close: async () => undefined,
          };
        },
        begin: async ({ signal }): Promise<TransactionHandle<Session>> => {
          await run('begin', false, signal);
          return {
            raw: session,
            run: (_statement, context) => of({ ...contextOf(context), write: true }),
            openCursor: () => Promise.reject(new Error('not in a model')),
            commit: async () => void (await run('commit', true, signal)),
            rollback: async () => undefined,
          };
        },
        hold: (options) => held.hold(options),
        listen: () =>
          new Observable((subscriber) => {
            if (session.lost) return subscriber.error(terminated());
            session.listeners++;
            subscriber.add(() => session.listeners--);
            subscriber.add(session.lost$.subscribe(() => subscriber.error(terminated())));
            subscriber.add(network.changed$.subscribe(() => subscriber.next('changed')));
            subscriber.next('listening');
          }),
        gauge: () => ({ size: session.closed ? 0 : 1, used: session.running, idle: 0, waiting: 0 }),
        cut: () => {
          session.cut = true;
          session.lose();
        },
        close: async ({ signal }) => {
          if (session.running > 0 && !network.leasesCut(this.name))
            broken(`${this.name} ${session.number} was closed under a lease`);
          if (session.closed) broken(`${this.name} ${session.number} was closed twice`);
          if (held.out > 0 && !network.leasesCut(this.name))
            broken(`${this.name} ${session.number} was closed under a session`);
          session.closed = true;
          session.lost$.next();
          book.closed++;
          session.server.sessions.delete(session);
          await wait(session.server, chance.int(0, 10), signal);
        },
      };
    }

    protected override classify(error: unknown): ErrorCategory | undefined {
      return error instanceof Fault ? error.category : undefined;
    }

    protected override breaks(error: unknown): boolean {
      return error instanceof Fault && error.category !== 'query';
    }
  }
  const contextOf = ({ signal, timeout, maxRows }: RunContext) => ({ signal, timeout, maxRows });
  return { ModelConnection, books, all: () => [...booksOf.values()] };
}
