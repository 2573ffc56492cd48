import { defer, finalize, isObservable, type Observable } from 'rxjs';
import { HotlineError, QueryError, readable } from '../../errors/index.ts';
import type { Lease, Leases } from '../base/index.ts';
import { limit } from './arguments.ts';
import type { QueryDriver } from './driver.ts';
import {
  listening$,
  live$,
  refreshEvery$,
  refreshHeard$,
  refreshNever$,
  refreshOn$,
  type LiveObserver,
  type LiveTrigger,
} from './live.ts';
import type { LiveOptions } from './options.ts';
import type { KindHooks } from './query-hooks.ts';
import type { StatementExecutor } from './statement-executor.ts';

/** A `live$` that somebody is subscribed to. No row and no value is in it. */
export interface LiveQuery {
  /** The text with `?` for each value that stands in it, and without comments; `undefined` where they cannot be told apart. */
  readonly sql: string | undefined;
  /** When it asks besides on each new instance: `every 10000 ms`, `on the channel "pets"`, `on an Observable`; absent where it does not. */
  readonly refresh?: string | undefined;
  /** The time of the subscription, in milliseconds since the epoch. */
  readonly since: number;
  /** How often it was made to ask, by what. */
  readonly triggers: Readonly<Partial<Record<LiveTrigger, number>>>;
  /** The last of them. */
  readonly lastTrigger?: LiveTrigger;
  /** The time of that, in milliseconds since the epoch. */
  readonly lastTriggerAt?: number;
  /** How often its rows were other ones than before. */
  readonly changes: number;
  /** The time of the last change, in milliseconds since the epoch. */
  readonly lastChangeAt?: number;
  /** Why it could not ask the last time; absent where it could. */
  readonly error?: HotlineError | undefined;
}

/** The facts of a live query, as they change. */
class LiveRecord implements LiveQuery, LiveObserver<LiveTrigger> {
  readonly sql: string | undefined;
  readonly refresh: string | undefined;
  readonly since: number;
  readonly triggers: Partial<Record<LiveTrigger, number>> = {};
  lastTrigger?: LiveTrigger;
  lastTriggerAt?: number;
  changes = 0;
  lastChangeAt?: number;
  error?: HotlineError | undefined;
  readonly #now: () => number;

  constructor(sql: string | undefined, refresh: string | undefined, now: () => number) {
    this.sql = sql;
    this.refresh = refresh;
    this.#now = now;
    this.since = now();
  }

  triggered(by: LiveTrigger): void {
    this.triggers[by] = (this.triggers[by] ?? 0) + 1;
    this.lastTrigger = by;
    this.lastTriggerAt = this.#now();
  }

  asked(changed: boolean): void {
    this.error = undefined;
    if (!changed) return;
    this.changes++;
    this.lastChangeAt = this.#now();
  }

  failed(error: unknown): void {
    if (error instanceof HotlineError) this.error = error;
  }
}

/** The live queries of one connection. */
export class LiveQueries {
  readonly #leases: Leases<QueryDriver<unknown>>;
  readonly #kind: Pick<KindHooks, 'kind' | 'shownText'>;
  readonly #executor: StatementExecutor;
  readonly #records = new Set<LiveRecord>();

  constructor(
    leases: Leases<QueryDriver<unknown>>,
    kind: Pick<KindHooks, 'kind' | 'shownText'>,
    executor: StatementExecutor,
  ) {
    this.#leases = leases;
    this.#kind = kind;
    this.#executor = executor;
  }

  /** The live queries that somebody is subscribed to, the oldest first. */
  get list(): readonly LiveQuery[] {
    return Array.from(this.#records, (record) => ({ ...record, triggers: { ...record.triggers } }));
  }

  /** The rows of `ask` on each new instance, and when `refresh` says so; listed while somebody is subscribed. */
  rows$<R extends object>(
    sql: string,
    refresh: LiveOptions['refresh'],
    ask: (context: { readonly signal: AbortSignal }) => Promise<R[]>,
  ): Observable<R[]> {
    const { scheduler, name } = this.#leases;
    return defer(() => {
      const [when$, shown] = readable(name, () => [this.#when$(refresh), shownRefresh(refresh)] as const);
      const text = typeof sql === 'string' ? this.#kind.shownText({ sql, params: undefined }) : undefined;
      const record = new LiveRecord(text, shown, () => scheduler.now());
      this.#records.add(record);
      return live$<R, LiveTrigger>({ when$, ask, passes, scheduler, observer: record }).pipe(
        finalize(() => this.#records.delete(record)),
      );
    });
  }

  #when$(refresh: LiveOptions['refresh']): Observable<LiveTrigger> {
    const { instance$, scheduler } = this.#leases;
    if (refresh === undefined) return refreshNever$(instance$);
    if (isObservable(refresh)) return refreshOn$(instance$, refresh);
    if (typeof refresh !== 'object') return refreshEvery$(instance$, limit(refresh, 'refresh') ?? Infinity, scheduler);
    const toPublicError = (error: unknown, lease: Lease<unknown>) => this.#executor.toPublicError(error, lease, lease);
    const listen = () => listening$(this.#leases, (driver) => this.#channel(driver, refresh.channel), toPublicError);
    return refreshHeard$(instance$, listen, passes, scheduler);
  }

  #channel(driver: QueryDriver<unknown>, channel: string): Observable<unknown> {
    if (driver.listen) return driver.listen(channel);
    const { name: connection } = this.#leases;
    const message = `"${connection}": ${this.#kind.kind} has no channels ("${channel}"). Use an interval or an Observable as refresh.`;
    throw new QueryError('not_supported', message, { connection });
  }
}

function shownRefresh(refresh: LiveOptions['refresh']): string | undefined {
  if (refresh === undefined || refresh === Infinity) return undefined;
  if (isObservable(refresh)) return 'on an Observable';
  if (typeof refresh === 'object') return `on the channel "${refresh.channel}"`;
  return `every ${typeof refresh === 'number' ? `${refresh} ms` : refresh}`;
}

/** Only what is wrong with the statement itself stays wrong. */
function passes(error: unknown): boolean {
  return error instanceof HotlineError && error.category !== 'query';
}
