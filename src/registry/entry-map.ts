import { ConfigError, readable } from '../errors/index.ts';
import type { Load } from '../secrets/index.ts';
import { Capacity } from './capacity.ts';
import { refuseWithoutSection } from './config-errors.ts';
import { Entry, type EntryKeeper } from './entry.ts';
import { IdentityKeys, type Identity } from './identity.ts';
import type { KindClass } from './kinds.ts';
import { closedError } from './lease-port.ts';
import {
  askedName,
  identifying,
  isVariable,
  nameMeant,
  providerIn,
  readOptions,
  type Asked,
  type ConnectionOptions,
} from './options.ts';
import type { RegistryContext } from './registry-context.ts';
import { ReferenceTwins } from './reference-twins.ts';
import { Reloads } from './reloads.ts';
import { Request } from './request.ts';

/** The number of unused entries without a config that are kept. */
const mostUnresolved = 256;

/** Finds or creates the entry of an identity; evicts the least recently used. */
export class EntryMap implements EntryKeeper {
  readonly #context: RegistryContext;
  readonly #keys = new IdentityKeys();
  readonly #requests = new Map<string, Request>();
  readonly #entries = new Map<string, Entry>();
  readonly #capacity: Capacity<Entry>;
  /** The capacities of names that have a limit of their own. */
  readonly #capacities = new Map<string, Capacity<Entry>>();
  /** Entries that never had a config: a program may ask for names that nobody knows without end. */
  readonly #unresolved = new Capacity<Entry>(mostUnresolved, (entry) => this.#forget(entry));
  readonly #reloads: Reloads | undefined;
  readonly #twins = new ReferenceTwins();
  #closed = false;

  /** `reloads`: a class of the same name as an earlier one replaces it (development reload). */
  constructor(context: RegistryContext, reloads: boolean) {
    this.#context = context;
    this.#capacity = new Capacity(context.defaults.maxEntries, (entry) => this.#forget(entry));
    this.#reloads = reloads ? new Reloads() : undefined;
    // First of all subscribers: a request that looks again after a load finds what it made of the entries.
    context.loads.load$.subscribe((load) => this.#onLoad(load));
  }

  get all(): Iterable<Entry> {
    return this.#entries.values();
  }

  request(asked: string, options?: ConnectionOptions): Request {
    if (options === undefined) {
      const known = this.#requests.get(asked);
      // A name has no line break; the key of a request with options has one.
      if (known && known.name === asked) return known;
    }
    const name = askedName(asked);
    return readable(name, () => {
      const key = options === undefined ? name : this.#keys.requestKey(name, identifying(options));
      const known = this.#requests.get(key);
      if (!known) return new Request(key, name, readOptions(name, options), this.#context, this.#find);
      if (options) known.entry?.tracker.addCredentials(providerIn(options));
      return known;
    });
  }

  readonly #find = (request: Request): Entry | Promise<Entry> => readable(request.name, () => this.#entryFor(request));

  #entryFor(request: Request): Entry | Promise<Entry> {
    const { name, asked } = request;
    const { kinds, loads } = this.#context;
    if (this.#closed) throw closedError(name);
    const load = loads.latest();
    if (load === undefined && (asked.type === undefined || isVariable(name)))
      return loads.first().then(() => this.#find(request));
    if (isVariable(name)) {
      const meant = nameMeant(name);
      const known = meant !== undefined && (kinds.has(meant) || loads.section(meant) !== undefined);
      if (known) return this.#requestFor(meant, request).resolve();
    }
    const type = loads.type(name);
    if (asked.type === undefined && !type && !kinds.has(name)) refuseWithoutSection(name, asked.params, load!);
    const kind = kinds.resolve(name, asked.type, type);
    if (!(kind instanceof Promise)) return this.#enter(request, kind);
    // The section may say another type by the time the class is loaded.
    const stale = (): boolean => asked.type === undefined && loads.section(name)?.['type'] !== type?.value;
    return kind.then(
      (Kind) => (stale() ? this.#find(request) : this.#enter(request, Kind)),
      (error: unknown) => {
        if (stale()) return this.#find(request);
        throw error;
      },
    );
  }

  #onLoad(load: Load): void {
    for (const entry of [...this.#entries.values()]) {
      entry.tracker.onSecrets(load);
      this.#bound(entry);
    }
  }

  current(entry: Entry): Entry {
    const { key } = entry.identity;
    const there = this.#entries.get(key);
    if (there) return there;
    if (this.#closed) entry.close();
    else this.#list(entry);
    return entry;
  }

  touch(entry: Entry): void {
    this.#capacity.touch(entry);
    if (this.#capacities.size > 0) this.#capacities.get(entry.name)?.touch(entry);
  }

  release(entry: Entry): void {
    this.#capacity.left(entry);
    this.#unresolved.left(entry);
    if (this.#capacities.size > 0) this.#capacities.get(entry.name)?.left(entry);
  }

  close(): void {
    this.#closed = true;
    for (const entry of this.#entries.values()) entry.close();
  }

  /** The same request, by the name that its variable holds. */
  #requestFor(name: string, { key, asked, name: variable }: Request): Request {
    const meant = name + key.slice(variable.length);
    return this.#requests.get(meant) ?? new Request(meant, name, asked, this.#context, this.#find);
  }

  #enter(request: Request, resolved: KindClass): Entry {
    const { name, asked } = request;
    if (this.#closed) throw closedError(name);
    const params = this.#keys.params(name, asked.params);
    const latest = this.#reloads?.latest(name, params, resolved);
    for (const old of latest?.replaces ?? []) this.#replace(name, params, old);
    const Kind = latest?.Kind ?? resolved;
    const key = this.#keys.identityKey(name, Kind, params);
    const entry =
      this.#entries.get(key) ??
      this.#make({ key, id: this.#keys.newId(name, asked.params), name, Kind, params: asked.params }, asked);
    if (asked.type !== undefined) entry.tracker.inferred = false;
    entry.tracker.addPolicies(asked.policies);
    if (asked.givesParams) entry.tracker.paramsGiven();
    entry.tracker.addCredentials(asked.credentials);
    const limit = entry.tracker.maxEntries;
    if (limit !== undefined && !this.#capacities.has(name))
      this.#capacities.set(name, new Capacity(limit, (evicted) => this.#forget(evicted)));
    this.#requests.set(request.key, request);
    if (!entry.requests.includes(request.key)) entry.requests = [...entry.requests, request.key];
    this.touch(entry);
    this.#bound(entry);
    return entry;
  }

  #bound(entry: Entry): void {
    if (entry.tracker.unresolved) this.#unresolved.touch(entry);
    else this.#unresolved.delete(entry);
  }

  #make(identity: Identity, { type, credentials }: Asked): Entry {
    const entry = this.#construct(identity, type === undefined);
    entry.tracker.addCredentials(credentials);
    this.#list(entry);
    const message = this.#twins.warningAbout(identity);
    if (message !== undefined)
      this.#context.event(identity, { type: 'warning', code: 'identity_by_reference', message });
    return entry;
  }

  #construct(identity: Identity, inferred: boolean): Entry {
    try {
      return new Entry(identity, this.#context, this, inferred);
    } catch (cause) {
      const { name: connection, Kind } = identity;
      throw new ConfigError('invalid_type', `"${connection}": ${Kind.name} could not be constructed; see cause.`, {
        connection,
        cause,
      });
    }
  }

  #list(entry: Entry): void {
    this.#entries.set(entry.identity.key, entry);
    this.#keys.take(entry.id);
    entry.listed = true;
    entry.tracker.reevaluate();
    this.touch(entry);
    this.#context.changed();
  }

  #forget(entry: Entry): void {
    entry.listed = false;
    this.#entries.delete(entry.identity.key);
    this.#keys.free(entry.id);
    this.#capacity.delete(entry);
    this.#unresolved.delete(entry);
    const ofName = this.#capacities.get(entry.name);
    ofName?.delete(entry);
    if (ofName?.empty) this.#capacities.delete(entry.name);
    const { name, params, Kind } = entry.identity;
    this.#reloads?.forget(name, this.#keys.params(name, params), Kind);
    for (const key of entry.requests) this.#requests.delete(key);
    entry.requests = [];
    entry.evict();
    this.#context.changed();
  }

  #replace(name: string, params: string, Kind: KindClass): void {
    const old = this.#entries.get(this.#keys.identityKey(name, Kind, params));
    old?.tracker.markReplaced();
    if (old) this.#forget(old);
  }
}
