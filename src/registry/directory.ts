import { Subject, type Observable } from 'rxjs';
import { ConfigError, readable } from '../errors/index.ts';
import type { LifecycleContext } from '../lifecycle/index.ts';
import type { Policies } from '../policy/index.ts';
import type { FileContent, Load, Written } from '../secrets/index.ts';
import { Capacity } from './capacity.ts';
import { askedName, isVariable, nameMeant } from './connection-name.ts';
import { Entry, type Realm } from './entry.ts';
import type { EntryEvent } from './event.ts';
import { IdentityKeys, type Identity } from './identity.ts';
import type { KindClass } from './kind.ts';
import { closedError } from './lease-port.ts';
import { refuseWithoutSection } from './missing-section.ts';
import { readOptions, type ConnectionOptions } from './options.ts';
import { Request, type Resolver } from './request.ts';
import type { Kinds } from './resolve-kind.ts';
import { sectionIn, typeIn } from './sections.ts';
import { Reloads } from './reloads.ts';

/** What a directory needs from its registry. */
export interface DirectoryOptions {
  readonly host: LifecycleContext;
  readonly kinds: Kinds;
  readonly defaults: Policies;
  /** What the kinds share from the start. */
  readonly shared: Iterable<readonly [symbol, unknown]>;
  /** Whether a class of the same name as an earlier one replaces it (development reload). */
  readonly reloads: boolean;
  readonly load: () => Load | undefined;
  readonly loaded: () => Promise<Load | undefined>;
  readonly watchFile: (path: string) => Observable<FileContent>;
  readonly changed: () => void;
  readonly event: (entry: Entry, event: EntryEvent) => void;
}

/** Entries without a config that are kept although nobody uses them. */
const mostUnresolved = 256;

/** Who is who: requests, the identities they lead to, and which of them are kept. */
export class Directory implements Realm, Resolver {
  readonly host: LifecycleContext;
  readonly defaults: Policies;
  readonly turn$ = new Subject<void>();
  readonly #options: DirectoryOptions;
  readonly #keys = new IdentityKeys();
  readonly #requests = new Map<string, Request>();
  readonly #entries = new Map<string, Entry>();
  readonly #shared: Map<symbol, unknown>;
  readonly #capacity: Capacity<Entry>;
  readonly #capacities = new Map<string, Capacity<Entry>>();
  /** Entries that never had a config: names that nobody knows come without end. */
  readonly #unresolved = new Capacity<Entry>(mostUnresolved, (entry) => this.#forget(entry));
  readonly #reloads: Reloads | undefined;
  #closed = false;
  /** Counts what the sources said, so that requests know when to look again. */
  epoch = 0;

  constructor(options: DirectoryOptions) {
    this.#options = options;
    this.#shared = new Map(options.shared);
    this.host = options.host;
    this.defaults = options.defaults;
    this.#capacity = new Capacity(options.defaults.maxEntries, (entry) => this.#forget(entry));
    this.#reloads = options.reloads ? new Reloads() : undefined;
  }

  get entries(): Iterable<Entry> {
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
      const key = options === undefined ? name : this.#keys.requestKey(name, options);
      return this.#requests.get(key) ?? new Request(key, name, readOptions(name, options), this);
    });
  }

  entryFor(request: Request): Entry | Promise<Entry> {
    return readable(request.name, () => this.#entryFor(request));
  }

  #entryFor(request: Request): Entry | Promise<Entry> {
    const { name, asked } = request;
    if (this.#closed) throw closedError(name);
    const load = this.#options.load();
    if (asked.type === undefined && load === undefined)
      return this.#options.loaded().then(() => this.entryFor(request));
    const { kinds } = this.#options;
    if (isVariable(name)) {
      if (load === undefined) return this.#options.loaded().then(() => this.entryFor(request));
      const meant = nameMeant(name);
      const known = meant !== undefined && (kinds.has(meant) || sectionIn(load, meant) !== undefined);
      if (known) return this.#requestFor(meant, request).resolve();
    }
    const type = load && typeIn(load, name);
    if (asked.type === undefined && !type && !kinds.has(name)) refuseWithoutSection(name, asked.params, load!);
    const kind = kinds.resolve(name, asked.type, type);
    if (!(kind instanceof Promise)) return this.#enter(request, kind);
    // While it was loaded the section may have come to say another type.
    const stale = (): boolean => asked.type === undefined && this.writtenType(name) !== type?.value;
    return kind.then(
      (Kind) => (stale() ? this.entryFor(request) : this.#enter(request, Kind)),
      (error: unknown) => {
        if (stale()) return this.entryFor(request);
        throw error;
      },
    );
  }

  writtenType(name: string): unknown {
    const load = this.#options.load();
    return load && sectionIn(load, name)?.['type'];
  }

  now(): number {
    return this.host.scheduler.now();
  }

  load(): Load | undefined {
    return this.#options.load();
  }

  loaded(): Promise<Load | undefined> {
    return this.#options.loaded();
  }

  /** The sources have said something. */
  take(load: Load): void {
    this.epoch++;
    for (const entry of [...this.#entries.values()]) {
      entry.targeting.take(load);
      this.#bound(entry);
    }
    this.turn$.next();
  }

  kindOf(name: string, type: Written | undefined): KindClass | Promise<KindClass> {
    return this.#options.kinds.resolve(name, undefined, type);
  }

  live(entry: Entry): Entry {
    const { key } = entry.identity;
    const there = this.#entries.get(key);
    if (there) return there;
    if (this.#closed) entry.close();
    else this.#list(entry);
    return entry;
  }

  touched(entry: Entry): void {
    this.#capacity.touch(entry);
    if (this.#capacities.size > 0) this.#capacities.get(entry.name)?.touch(entry);
  }

  left(entry: Entry): void {
    this.#capacity.left(entry);
    this.#unresolved.left(entry);
    if (this.#capacities.size > 0) this.#capacities.get(entry.name)?.left(entry);
  }

  changed(): void {
    this.#options.changed();
  }

  event(entry: Entry, event: EntryEvent): void {
    this.#options.event(entry, event);
  }

  watchFile(path: string): Observable<FileContent> {
    return this.#options.watchFile(path);
  }

  shared<T>(key: symbol, make: () => T): T {
    if (!this.#shared.has(key)) this.#shared.set(key, make());
    return this.#shared.get(key) as T;
  }

  close(): void {
    this.#closed = true;
    for (const entry of this.#entries.values()) entry.close();
  }

  /** The same request by the name that a variable stands for. */
  #requestFor(name: string, { key, asked, name: variable }: Request): Request {
    const meant = name + key.slice(variable.length);
    return this.#requests.get(meant) ?? new Request(meant, name, asked, this);
  }

  #enter(request: Request, resolved: KindClass): Entry {
    const { name, asked } = request;
    if (this.#closed) throw closedError(name);
    const params = this.#keys.params(name, asked.params);
    const latest = this.#reloads?.latest(name, params, resolved);
    for (const old of latest?.replaces ?? []) this.#retire(name, params, old);
    const Kind = latest?.Kind ?? resolved;
    const key = this.#keys.identityKey(name, Kind, params);
    const entry =
      this.#entries.get(key) ??
      this.#make(
        { key, id: this.#keys.newId(name, asked.params), name, Kind, params: asked.params },
        asked.type === undefined,
      );
    if (asked.type !== undefined) entry.inferred = false;
    entry.targeting.ask(asked.policies);
    const limit = entry.targeting.maxEntries;
    if (limit !== undefined && !this.#capacities.has(name))
      this.#capacities.set(name, new Capacity(limit, (evicted) => this.#forget(evicted)));
    this.#requests.set(request.key, request);
    if (!entry.requests.includes(request.key)) entry.requests = [...entry.requests, request.key];
    this.touched(entry);
    this.#bound(entry);
    return entry;
  }

  #bound(entry: Entry): void {
    if (entry.targeting.unresolved) this.#unresolved.touch(entry);
    else this.#unresolved.delete(entry);
  }

  #make(identity: Identity, inferred: boolean): Entry {
    const entry = this.#construct(identity, inferred);
    this.#list(entry);
    return entry;
  }

  #construct(identity: Identity, inferred: boolean): Entry {
    try {
      return new Entry(identity, this, inferred);
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
    const load = this.#options.load();
    if (load) entry.targeting.take(load);
    this.touched(entry);
    this.changed();
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
    this.changed();
  }

  #retire(name: string, params: string, Kind: KindClass): void {
    const old = this.#entries.get(this.#keys.identityKey(name, Kind, params));
    old?.targeting.supersede();
    if (old) this.#forget(old);
  }
}
