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
  /** Forgets a key. */
  delete(key: string): Promise<unknown>;
}

/** How much of a query's time a shared store may cost. */
export interface SharedResultsOptions {
  /**
   * What a query or an invalidation may lose by the store, all its round trips together. Default: 50 ms. `0`: nothing,
   * so it finds nothing. `Infinity`: as long as it takes.
   */
  readonly budget?: Duration;
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
 * @throws ConfigError `invalid_policy` when `budget` is no duration.
 * @example
 * import KeyvRedis from '@keyv/redis';
 * import Keyv from 'keyv';
 * const keyv = new Keyv(new KeyvRedis('redis://127.0.0.1:6379'));
 * const hot = createConnections({ queryCache: { store: sharedResults(keyv) } });
 */
export function sharedResults(store: KeyValueStore, options: SharedResultsOptions = {}): ResultStore {
  return new SharedResults(store, milliseconds(options.budget ?? 50, 'budget'));
}

class SharedResults implements ResultStore {
  readonly #store: KeyValueStore;
  readonly #breaker: Breaker;
  /** Where the rows belong that are being loaded, as it was before they were read: what is forgotten meanwhile stays so. */
  readonly #places = new LRUCache<string, string>({ max: 1000 });
  /** Versions that were to be renewed while the store was away: whoever reads them next does it. */
  readonly #owed = new LRUCache<string, symbol>({ max: mostOwed });
  /** Errors that the store has emitted: Keyv says by them, and not by a rejection, that a call failed. */
  #faults = 0;

  constructor(store: KeyValueStore, budget: number) {
    this.#store = store;
    (store as { on?: (event: 'error', hear: () => void) => unknown }).on?.('error', () => this.#faults++);
    this.#breaker = new Breaker({ budget: budget * patience, failures, rest });
  }

  async read(key: string, labels: ResultLabels): Promise<KeptRows | undefined> {
    this.#places.delete(key);
    const text = await this.#ask(async () => {
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
      await this.#ask(() => this.#store.set(place, text, Math.ceil(lifetime)));
  }

  /** One write for each thing that is forgotten; nothing is searched for. */
  async forget({ scope, sql, tags }: ForgetResults): Promise<void> {
    const named = [
      ...(sql === undefined ? [] : [sqlKey(scope, sql)]),
      ...(tags ?? []).map((tag) => tagKey(scope, tag)),
    ];
    const versions = sql === undefined && tags === undefined ? [scopeKey(scope)] : named;
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
