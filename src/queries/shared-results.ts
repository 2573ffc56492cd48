import { createHash, randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { milliseconds, type Duration } from '../duration/index.ts';
import { Breaker } from './breaker.ts';
import { pack, unpack } from './envelope.ts';
import type { ForgetResults, KeptRows, ResultLabels, ResultStore } from './result-store.ts';

/** Anything that keeps texts by key for a while, such as a Keyv instance over Redis. */
export interface KeyValueStore {
  /** The value of a key; `undefined` or `null` when there is none. */
  get(key: string): Promise<unknown>;
  /** Keeps a value for so many milliseconds. */
  set(key: string, value: string, ttl: number): Promise<unknown>;
  delete(key: string): Promise<unknown>;
}

/** How much of a query's time a shared store may cost. */
export interface SharedResultsOptions {
  /** What one read, write or invalidation may take before it is given up. Default: 50 ms. `0` and `Infinity` are what they say. */
  readonly budget?: Duration;
}

/** Longer than any entry should live; a version that is forgotten costs one miss. */
const versionLife = 7 * 24 * 3_600_000;
const failures = 3;
const rest = 1000;

/**
 * Keeps the results of cached queries where other processes find them. A store that is dead, slow or full of something
 * else costs no query more than the budget, and fails none.
 *
 * @throws ConfigError `invalid_policy` when `budget` is no duration.
 * @example
 * const keyv = new Keyv(new KeyvRedis('redis://127.0.0.1:6379'));
 * const hot = createConnections({ queryCache: { store: sharedResults(keyv) } });
 */
export function sharedResults(store: KeyValueStore, options: SharedResultsOptions = {}): ResultStore {
  // A store that emits its errors must not end the process by them.
  (store as { on?: (event: 'error', hear: () => void) => unknown }).on?.('error', () => undefined);
  return new SharedResults(store, milliseconds(options.budget ?? 50, 'budget'));
}

class SharedResults implements ResultStore {
  readonly #store: KeyValueStore;
  readonly #breaker: Breaker;
  /** Where the rows belong that are being loaded, as it was before they were read: what is forgotten meanwhile stays so. */
  readonly #places = new LRUCache<string, string>({ max: 1000 });

  constructor(store: KeyValueStore, budget: number) {
    this.#store = store;
    this.#breaker = new Breaker({ budget, failures, rest });
  }

  async read(key: string, labels: ResultLabels): Promise<KeptRows | undefined> {
    this.#places.delete(key);
    const text = await this.#breaker.run(async () => {
      const versions = await Promise.all(versionKeys(labels).map((version) => this.#version(version)));
      const place = hashed('rows', key, ...versions);
      this.#places.set(key, place);
      return this.#store.get(place);
    });
    return unpack(text);
  }

  async write(key: string, kept: KeptRows, _labels: ResultLabels, lifetime: number): Promise<void> {
    const place = this.#places.get(key);
    this.#places.delete(key);
    const text = place === undefined ? undefined : pack(kept);
    if (place !== undefined && text !== undefined)
      await this.#breaker.run(() => this.#store.set(place, text, Math.ceil(lifetime)));
  }

  /** One write for each thing that is forgotten; nothing is searched for. */
  async forget({ scope, sql, tags }: ForgetResults): Promise<void> {
    const named = [
      ...(sql === undefined ? [] : [sqlKey(scope, sql)]),
      ...(tags ?? []).map((tag) => tagKey(scope, tag)),
    ];
    const versions = sql === undefined && tags === undefined ? [scopeKey(scope)] : named;
    await this.#breaker.run(() => Promise.all(versions.map((version) => this.#renew(version))));
  }

  /** One that is not there is made: rows that were kept under a version that the store has dropped must stay unseen. */
  async #version(key: string): Promise<string> {
    const found = await this.#store.get(key);
    return typeof found === 'string' ? found : this.#renew(key);
  }

  async #renew(key: string): Promise<string> {
    const version = randomUUID();
    await this.#store.set(key, version, versionLife);
    return version;
  }
}

function versionKeys({ scope, sql, tags }: ResultLabels): string[] {
  return [scopeKey(scope), sqlKey(scope, sql), ...tags.map((tag) => tagKey(scope, tag))];
}

const scopeKey = (scope: string): string => hashed('scope', scope);
const sqlKey = (scope: string, sql: string): string => hashed('sql', scope, sql);
const tagKey = (scope: string, tag: string): string => hashed('tag', scope, tag);

/** Keys say nothing of statements and bound values, and are short however long those are. */
function hashed(what: string, ...parts: readonly string[]): string {
  const text = parts.map((part) => `${part.length}:${part}`).join('');
  return `hotline1:${what}:${createHash('sha256').update(text, 'utf8').digest('base64url')}`;
}
