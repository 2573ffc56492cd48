import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { canonical, referenceNames, type NameOf } from '../../canonical.ts';
import { elapsed } from '../../duration/index.ts';
import { ConfigError } from '../../errors/index.ts';
import { copyRows, isFlat } from './copy-rows.ts';
import { Flight } from './flight.ts';
import { keptRows, usableStore } from './shared-results.ts';
import type { ForgetResults, KeptRows, ResultLabels, ResultStore } from './shared-results.ts';
import type { Limits } from './within.ts';
import type { Row, Statement } from './statement.ts';

/** How much a query cache keeps. */
export interface QueryCacheOptions {
  /** Results kept at the most; the least recently used one goes first. Default: 1000. `Infinity`: bounded by bytes only. */
  readonly maxEntries?: number | undefined;
  /**
   * Bytes kept at the most, by estimate. Default: 64 MiB. `Infinity`: bounded by entries only.
   * A result larger than all of it is not kept, and not written to the store either.
   */
  readonly maxBytes?: number | undefined;
  /** A second level that other processes share, such as `sharedResults(keyv)`. Default: none. */
  readonly store?: ResultStore | undefined;
}

/** The scope that the rows were read from: they are kept only under it. */
export interface LoadedRows {
  readonly rows: Row[];
  readonly scope: string | undefined;
}

/** One result that is kept. No row is in it. */
export interface CachedResult {
  /** The text with `?` for each value that stands in it, and without comments; `undefined` where they cannot be told apart. */
  readonly sql: string | undefined;
  /** The tags that it was asked for with, as they are. */
  readonly tags: readonly string[];
  /** How many rows it has. */
  readonly rows: number;
  /** Bytes, by estimate. */
  readonly bytes: number;
  /** Milliseconds since the server was asked. */
  readonly age: number;
  /** How often it was given. */
  readonly hits: number;
}

/** How much the cache of this process was of use to one connection. */
export interface CachedResults {
  /** Reads that were answered at once. */
  readonly hits: number;
  /** Reads that had to wait for the server, or for the shared store. */
  readonly misses: number;
  /** The results that are kept, the most used first. */
  readonly results: readonly CachedResult[];
}

/** How often a cache was asked by one connection. */
export interface CacheCounts {
  hits: number;
  misses: number;
}

export interface CachedQuery extends ResultLabels {
  readonly key: string;
  readonly counts: CacheCounts;
  /** Milliseconds: how old the rows may be. */
  readonly ttl: number;
  /** Milliseconds after `ttl` for which old rows are given while new ones are fetched. */
  readonly stale: number;
  readonly limits: Limits;
  load(signal: AbortSignal): Promise<LoadedRows>;
}

interface Entry extends KeptRows, ResultLabels {
  /** False where the instance that answered was of another config than the one that this was asked for. */
  readonly own: boolean;
  readonly flat: boolean;
  /** When they were asked for, by the clock of this process: `at` is by that of the wall, which may be set back. */
  readonly since: number;
  readonly bytes: number;
  hits: number;
  /** A refresh that failed is not tried again before this. */
  notBefore: number;
}

interface Loading extends ResultLabels {
  readonly flight: Flight<Entry>;
}

/** A failed refresh behind stale rows is tried again after `ttl`, and after this at the latest. */
const longestCooldown = 60_000;

/** The results of reads: bounded, one load for all who ask at once, and a copy for each. A failure is never kept. */
export class QueryCache {
  readonly #entries: LRUCache<string, Entry>;
  readonly #loading = new Map<string, Loading>();
  readonly #store: ResultStore | undefined;
  readonly #maxBytes: number;
  readonly #nameOf = referenceNames();

  constructor(options: QueryCacheOptions = {}) {
    const { maxEntries = 1000, maxBytes = 64 * 2 ** 20, store } = options;
    for (const [name, value] of Object.entries({ maxEntries, maxBytes })) refuseUnlessPositive(name, value);
    // What lru-cache calls no limit is no limit here.
    const max = Number.isFinite(maxEntries) ? maxEntries : 0;
    this.#entries = new LRUCache({ max, maxSize: Math.min(maxBytes, Number.MAX_SAFE_INTEGER) });
    this.#store = usableStore(store);
    this.#maxBytes = maxBytes;
  }

  /** The settings that decide which data a connection sees, as a text. */
  scope(kind: string, scope: unknown): string | undefined {
    return scopeKey(kind, scope, this.#nameOf);
  }

  /** The key of a statement, or `undefined` when its params cannot be compared. */
  key(scope: string, statement: Statement, maxRows: number | undefined): string | undefined {
    return cacheKey(scope, statement, maxRows);
  }

  /** The rows: those that are kept when they are young enough, else those of one load that all who ask at once share. */
  async get(query: CachedQuery): Promise<Row[]> {
    const { key, ttl, stale, limits } = query;
    const entry = this.#entries.get(key);
    if (entry) {
      const now = elapsed(limits.scheduler);
      const age = now - entry.since;
      if (age >= 0 && age < ttl + stale) {
        if (age >= ttl && now >= entry.notBefore) this.#refresh(query, entry);
        query.counts.hits++;
        entry.hits++;
        return copyRows(entry.rows, entry.flat);
      }
    }
    query.counts.misses++;
    const since = elapsed(limits.scheduler);
    const running = this.#running(key);
    const found = await this.#flight(query).join(limits);
    if (!running || found.own) return copyRows(found.rows, found.flat);
    // What had begun before this call was answered under the settings of before; what begins from now on is not older than it.
    const left = limits.timeout && Math.max(0, since + limits.timeout - elapsed(limits.scheduler));
    const { rows, flat } = await this.#flight(query).join({ ...limits, timeout: left });
    return copyRows(rows, flat);
  }

  /** Forgets results, also those that are being loaded: who waits for them gets them, nobody after. */
  async forget(which: ForgetResults): Promise<void> {
    for (const [key, entry] of this.#entries) if (matches(entry, which)) this.#entries.delete(key);
    for (const [key, loading] of this.#loading) if (matches(loading, which)) this.#loading.delete(key);
    await this.#asked((store) => store.forget(which));
  }

  /** The results that are kept under a scope, the most used first; `shown` gives the text of a statement without its values. */
  kept(scope: string, now: number, shown: (sql: string) => string | undefined): readonly CachedResult[] {
    return [...this.#entries.values()]
      .filter((entry) => entry.scope === scope)
      .map(({ sql, tags, rows, bytes, since, hits }) => ({
        ...{ sql: shown(sql), tags, rows: rows.length, bytes, hits },
        age: Math.max(0, Math.round(now - since)),
      }))
      .sort((a, b) => b.hits - a.hits);
  }

  #refresh(query: CachedQuery, entry: Entry): void {
    const { scheduler, connection } = query.limits;
    const cooldown = Math.min(query.ttl, longestCooldown);
    this.#flight(query)
      .join({ scheduler, connection, signals: [] })
      .catch(() => {
        entry.notBefore = elapsed(scheduler) + cooldown;
      });
  }

  #running(key: string): Flight<Entry> | undefined {
    const flight = this.#loading.get(key)?.flight;
    return flight?.abandoned ? undefined : flight;
  }

  #flight(query: CachedQuery): Flight<Entry> {
    const { key, scope, sql, tags } = query;
    const running = this.#running(key);
    if (running) return running;
    // Once it is forgotten, or abandoned and replaced, what it brings is not kept.
    const current = (): boolean => this.#loading.get(key) === loading;
    const loading: Loading = { scope, sql, tags, flight: new Flight((signal) => this.#load(query, signal, current)) };
    this.#loading.set(key, loading);
    return loading.flight;
  }

  async #load(query: CachedQuery, signal: AbortSignal, current: () => boolean): Promise<Entry> {
    // The rest runs a step later, when #flight has noted it.
    await Promise.resolve();
    const { key, scope, sql, tags, limits } = query;
    try {
      const shared = await this.#read(query);
      const [at, asked] = [limits.scheduler.now(), elapsed(limits.scheduler)];
      const loaded = shared ? { ...shared, scope } : { ...(await query.load(signal)), at };
      const entry: Entry = {
        own: loaded.scope === scope,
        scope,
        sql,
        tags,
        rows: loaded.rows,
        at: loaded.at,
        since: asked - (at - loaded.at),
        flat: isFlat(loaded.rows),
        bytes: weigh(loaded.rows) + weigh(key),
        hits: 0,
        notBefore: 0,
      };
      if (current() && entry.own) {
        this.#entries.set(key, entry, { size: entry.bytes });
        if (!shared && entry.bytes <= this.#maxBytes) this.#write(query, entry);
      }
      return entry;
    } finally {
      if (current()) this.#loading.delete(key);
    }
  }

  async #read({ key, scope, sql, tags, ttl, limits }: CachedQuery): Promise<KeptRows | undefined> {
    const kept = await this.#asked(async (store) => {
      const given = keptRows(await store.read(key, { scope, sql, tags }));
      // What contains itself cannot be weighed, and is no result.
      weigh(given?.rows);
      return given;
    });
    if (!kept) return undefined;
    const age = limits.scheduler.now() - kept.at;
    // One that was stamped ahead of now would be young for as long as the two clocks differ.
    return age >= 0 && age < ttl ? kept : undefined;
  }

  #write({ key, scope, sql, tags, ttl, stale }: CachedQuery, { rows, at }: KeptRows): void {
    void this.#asked((store) => store.write(key, { rows, at }, { scope, sql, tags }, ttl + stale));
  }

  /** Asks the store; resolves to nothing where it fails, however it does that. */
  async #asked<T>(work: (store: ResultStore) => Promise<T>): Promise<T | undefined> {
    try {
      return this.#store && (await work(this.#store));
    } catch {
      return undefined;
    }
  }
}

function refuseUnlessPositive(name: string, value: number): void {
  if (value === Infinity || (Number.isInteger(value) && value > 0)) return;
  throw new ConfigError('invalid_argument', `queryCache.${name}: expected a whole number greater than 0, or Infinity.`);
}

function matches(labels: ResultLabels, { scope, sql, tags }: ForgetResults): boolean {
  if (labels.scope !== scope) return false;
  if (sql === undefined && tags === undefined) return true;
  return labels.sql === sql || (tags?.some((tag) => labels.tags.includes(tag)) ?? false);
}

/** About how many bytes a value takes in memory: near enough to bound a cache by. */
export function weigh(value: unknown): number {
  if (typeof value === 'string') return 16 + value.length * 2;
  if (typeof value !== 'object' || value === null) return 8;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return 64 + value.byteLength;
  let bytes = 32;
  for (const inner of Object.values(value)) bytes += 8 + weigh(inner);
  return bytes;
}

/** The text for what decides which data a connection sees. It is hashed, since settings have secrets in them. */
export function scopeKey(kind: string, scope: unknown, nameOf: NameOf): string | undefined {
  const text = canonical([kind, scope], nameOf);
  return text === undefined ? undefined : createHash('sha256').update(text, 'utf8').digest('base64url');
}

/** The key of a result, or `undefined` when the params cannot be compared: then it is not cached. */
export function cacheKey(
  scope: string,
  { sql, params, options }: Statement,
  maxRows: number | undefined,
): string | undefined {
  const values = canonical(params);
  const others = options === undefined ? '' : canonical(options);
  if (values === undefined || others === undefined) return undefined;
  return `${scope.length}:${scope}${sql.length}:${sql}${values}${others}${maxRows ?? ''}`;
}
