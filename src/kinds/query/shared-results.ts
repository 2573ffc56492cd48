import { createHash, randomUUID } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import { LRUCache } from 'lru-cache';
import { milliseconds, type Duration } from '../../duration/index.ts';
import { ConfigError } from '../../errors/index.ts';
import { givenOptions } from '../../known-options.ts';
import { nameOfProject } from '../../packages/index.ts';
import { isTable } from '../../table.ts';
import { Breaker } from './breaker.ts';
import type { Row } from './statement.ts';

/** Anything that keeps texts by key for a while, such as a Keyv instance over Redis. */
export interface KeyValueStore {
  /** The value of a key; `undefined` or `null` when there is none. */
  get(key: string): Promise<unknown>;
  /** Keeps a value for so many milliseconds. */
  set(key: string, value: string, ttl: number): Promise<unknown>;
  /** Forgets a key. */
  delete(key: string): Promise<unknown>;
}

/** Limits of a shared store, and its keys. */
export interface SharedResultsOptions {
  /**
   * The time that a query or an invalidation may lose by the store, all its round trips together. Default: 50 ms. `0`: nothing,
   * so it finds nothing. `Infinity`: as long as it takes.
   */
  readonly budget?: Duration;
  /**
   * Bytes of one result in the store at the most; a larger one is not shared. Default: 8 MiB. `Infinity`: no limit but that of
   * `queryCache.maxBytes`.
   */
  readonly maxBytes?: number;
  /**
   * The part of the keys that tells this application from others in the same store; processes that share results have the same one. Default:
   * the `name` in the package.json of the project.
   */
  readonly prefix?: string;
}

/** Longer than any entry should live; a version that is forgotten costs one miss. */
const versionLife = 7 * 24 * 3_600_000;
const failures = 3;
const rest = 1000;
/** The share of the budget after which a call is given up: timers fire late by whatever else the process does. */
const patience = 0.8;
/** Invalidations that are remembered while the store cannot be told of them. */
const mostOwed = 10_000;

/**
 * Keeps the results of cached queries where other processes find them. A store that is dead, slow or full of something
 * else costs no query more than the budget, and fails none.
 *
 * @throws ConfigError `invalid_policy` when `budget` is no duration, `invalid_argument` when another option is not what is described.
 * @example
 * import KeyvRedis from '@keyv/redis';
 * import Keyv from 'keyv';
 * const keyv = new Keyv(new KeyvRedis('redis://127.0.0.1:6379'));
 * const hot = createConnections({ queryCache: { store: sharedResults(keyv) } });
 */
export function sharedResults(store: KeyValueStore, options: SharedResultsOptions = {}): ResultStore {
  const given = givenOptions(options, ['budget', 'maxBytes', 'prefix'], 'sharedResults');
  const { budget = 50, maxBytes = 8 * 2 ** 20, prefix = nameOfProject() } = given;
  if (!(typeof maxBytes === 'number' && maxBytes > 0))
    throw invalid('maxBytes: expected a number of bytes greater than 0, or Infinity.');
  if (typeof prefix !== 'string' || prefix === '') throw invalid('prefix: expected a text that is not empty.');
  return new SharedResults(store, { budget: milliseconds(budget, 'budget'), maxBytes, prefix });
}

function invalid(what: string): ConfigError {
  return new ConfigError('invalid_argument', `sharedResults: ${what}`);
}

class SharedResults implements ResultStore {
  readonly #store: KeyValueStore;
  readonly #maxBytes: number;
  readonly #keys: Keys;
  readonly #breaker: Breaker;
  /** The place of the rows that are being loaded, as it was before they were read: what is forgotten meanwhile stays so. */
  readonly #places = new LRUCache<string, string>({ max: 1000 });
  /** Versions that were to be renewed while the store was away: whoever reads them next does it. */
  readonly #owed = new LRUCache<string, symbol>({ max: mostOwed });
  /** Errors that the store has emitted: Keyv says by them, and not by a rejection, that a call failed. */
  #faults = 0;

  constructor(store: KeyValueStore, { budget, maxBytes, prefix }: Required<SharedResultsOptions> & { budget: number }) {
    this.#store = store;
    this.#maxBytes = maxBytes;
    this.#keys = new Keys(prefix);
    (store as { on?: (event: 'error', hear: () => void) => unknown }).on?.('error', () => this.#faults++);
    this.#breaker = new Breaker({ budget: budget * patience, failures, rest });
  }

  async read(key: string, labels: ResultLabels): Promise<KeptRows | undefined> {
    this.#places.delete(key);
    let place: string | undefined;
    const text = await this.#ask(async () => {
      const versions = await Promise.all(this.#keys.versions(labels).map((version) => this.#version(version)));
      place = this.#keys.rows(key, versions);
      this.#places.set(key, place);
      return this.#store.get(place);
    });
    const kept = unpack(text);
    // What is no result is no use to anybody; the rows that are loaded now take its place.
    if (!kept && place !== undefined && text !== undefined && text !== null) void this.#drop(place);
    return kept;
  }

  async write(key: string, kept: KeptRows, _labels: ResultLabels, lifetime: number): Promise<void> {
    const place = this.#places.get(key);
    this.#places.delete(key);
    const text = place === undefined ? undefined : pack(kept);
    if (place !== undefined && text !== undefined && text.length <= this.#maxBytes)
      await this.#ask(() => this.#store.set(place, text, Math.ceil(lifetime)));
  }

  #drop(place: string): Promise<unknown> {
    return this.#ask(() => this.#store.delete(place));
  }

  /** One write for each thing that is forgotten; nothing is searched for. */
  async forget({ scope, sql, tags }: ForgetResults): Promise<void> {
    const named = [
      ...(sql === undefined ? [] : [this.#keys.sql(scope, sql)]),
      ...(tags ?? []).map((tag) => this.#keys.tag(scope, tag)),
    ];
    const versions = sql === undefined && tags === undefined ? [this.#keys.scope(scope)] : named;
    for (const version of versions) this.#owed.set(version, Symbol());
    await this.#ask(() => Promise.all(versions.map((version) => this.#renew(version))));
  }

  #ask<T>(work: () => Promise<T>): Promise<T | undefined> {
    return this.#breaker.run(async () => {
      const faults = this.#faults;
      const found = await work();
      if (this.#faults !== faults) throw new Error('the store failed');
      return found;
    });
  }

  /** One that is not there is made: rows that were kept under a version that the store has dropped must stay unseen. */
  async #version(key: string): Promise<string> {
    if (this.#owed.has(key)) return this.#renew(key);
    const found = await this.#store.get(key);
    return typeof found === 'string' ? found : this.#renew(key);
  }

  async #renew(key: string): Promise<string> {
    const [version, owed, faults] = [randomUUID(), this.#owed.get(key), this.#faults];
    const kept = await this.#store.set(key, version, versionLife);
    // What is forgotten once more meanwhile is still owed.
    if (kept !== false && this.#faults === faults && this.#owed.get(key) === owed) this.#owed.delete(key);
    return version;
  }
}

/** The keys of one application. They say nothing of statements and bound values, and are short however long those are. */
class Keys {
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  rows(key: string, versions: readonly string[]): string {
    return this.#hashed('rows', key, ...versions);
  }

  versions({ scope, sql, tags }: ResultLabels): string[] {
    return [this.scope(scope), this.sql(scope, sql), ...tags.map((tag) => this.tag(scope, tag))];
  }

  scope(scope: string): string {
    return this.#hashed('scope', scope);
  }

  sql(scope: string, sql: string): string {
    return this.#hashed('sql', scope, sql);
  }

  tag(scope: string, tag: string): string {
    return this.#hashed('tag', scope, tag);
  }

  #hashed(what: string, ...parts: readonly string[]): string {
    const text = parts.map((part) => `${part.length}:${part}`).join('');
    return `hotline1:${this.#prefix}:${what}:${createHash('sha256').update(text, 'utf8').digest('base64url')}`;
  }
}

/** Rows and when they were read, in milliseconds since the epoch. */
export interface KeptRows {
  /** As they were read. */
  readonly rows: readonly Row[];
  /** When, in milliseconds since the epoch. */
  readonly at: number;
}

/** The labels of a cached result, besides its key. */
export interface ResultLabels {
  /** The settings that decide which data the connection sees. */
  readonly scope: string;
  /** The statement. */
  readonly sql: string;
  /** The tags that the caller gave it. */
  readonly tags: readonly string[];
}

/** Which results to forget: within one scope those of a statement or with one of the tags; all without either. */
export interface ForgetResults {
  /** The settings that decide which data the connection sees. */
  readonly scope: string;
  /** The results of this statement. */
  readonly sql?: string | undefined;
  /** The results with one of these tags. */
  readonly tags?: readonly string[] | undefined;
}

/**
 * The second level of the query cache, shared between processes. It is asked once per miss of this process;
 * a failure of it is a miss, never an error of the query.
 */
export interface ResultStore {
  /** The rows of a key, or `undefined`. */
  read(key: string, labels: ResultLabels): Promise<KeptRows | undefined>;
  /** Keeps rows for up to `lifetime` milliseconds. */
  write(key: string, kept: KeptRows, labels: ResultLabels, lifetime: number): Promise<void>;
  /** Forgets results: those of a statement, of tags, or of a whole scope. */
  forget(which: ForgetResults): Promise<void>;
}

/**
 * The store, unless it is a bare Map or Keyv: each call of that would fail, and a store that fails is only asked less.
 *
 * @throws ConfigError `invalid_argument`.
 */
export function usableStore(store: ResultStore | undefined): ResultStore | undefined {
  const methods = Object(store) as Partial<Record<keyof ResultStore, unknown>>;
  const isStore = [methods.read, methods.write, methods.forget].every((method) => typeof method === 'function');
  if (store === undefined || isStore) return store;
  throw new ConfigError('invalid_argument', 'queryCache.store: expected a ResultStore, such as sharedResults(keyv).');
}

/** The beginning of every entry; an entry of another version of hotline begins otherwise. */
const version = 'hotline1:';

/**
 * Rows as a text that any store can hold. Dates, bigints, bytes and NaN come back as what they were; `undefined` for
 * rows with values that would not, such as the classes of a driver.
 */
export function pack({ rows, at }: KeptRows): string | undefined {
  if (!rows.every((row) => Object.values(row).every(survives))) return undefined;
  return version + serialize({ rows, at }).toString('base64');
}

/** The rows of such a text; `undefined` for whatever else is there. */
export function unpack(text: unknown): KeptRows | undefined {
  if (typeof text !== 'string' || !text.startsWith(version)) return undefined;
  try {
    const kept = keptRows(deserialize(Buffer.from(text.slice(version.length), 'base64')));
    return kept?.rows.every(survives) ? kept : undefined;
  } catch {
    return undefined;
  }
}

/** The value where it is what a store may give: an array of rows, and a time. Anything else is `undefined`. */
export function keptRows(value: unknown): KeptRows | undefined {
  try {
    const { rows, at } = value as Partial<KeptRows>;
    const good = Number.isFinite(at) && Array.isArray(rows) && rows.every(isTable);
    return good ? (value as KeptRows) : undefined;
  } catch {
    return undefined;
  }
}

function survives(value: unknown): boolean {
  if (typeof value === 'function' || typeof value === 'symbol') return false;
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return true;
  if (Array.isArray(value)) return value.every(survives);
  const prototype = Object.getPrototypeOf(value) as object | null;
  // The date of another realm is one as well; a class of a driver that extends it is not.
  if (prototype && Object.prototype.toString.call(value) === '[object Date]')
    return Object.getOwnPropertyNames(prototype).includes('toISOString');
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
  return isPlain && Object.values(value).every(survives);
}
