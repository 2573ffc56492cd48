import { dequal } from 'dequal';
import { ConfigError, HotlineError, named } from '../errors/index.ts';
import type { Target } from '../lifecycle/index.ts';
import type { Policies } from '../policy/index.ts';
import {
  connectionConfig,
  describe,
  unknownSettings,
  type Config,
  type ConnectionConfig,
  type Description,
  type Load,
  type Secrets,
  type Written,
  secretsIn,
} from '../secrets/index.ts';
import type { EntryEvent } from './event.ts';
import type { KindClass } from './kind.ts';
import { untrustedFile } from './local-files.ts';
import { sufficesFor, withoutSecrets } from './missing-section.ts';
import { writtenPolicies } from './written-policies.ts';

/** Whose target it is. */
interface Owner {
  readonly identity: {
    readonly name: string;
    readonly Kind: KindClass;
    readonly params: Readonly<Record<string, unknown>>;
  };
  aim(target: Target<Config>): void;
  event(event: EntryEvent): void;
  /** The class that the section names now; `undefined` when that does not matter. Throws when it cannot be found. */
  kindNow(type: Written | undefined): KindClass | Promise<KindClass> | undefined;
  /** Asks for another look at what the sources say now. */
  again(): void;
}

/** Works out what one connection should be now, from its section, its params and its policies; aims when that changes. */
export class Targeting {
  readonly #owner: Owner;
  readonly #defaults: Policies;
  /** Of each policy, what the first caller said who named it. */
  #explicit: Partial<Policies> | undefined;
  #section: ReturnType<Secrets['section']>;
  /** Nothing is open: what it should be is worked out when somebody wants it. */
  #resting = false;
  /** The policies of the section. */
  #written: Partial<Policies> | undefined;
  #target: Target<Config> | undefined;
  /** What the instance before may still show in an error. */
  #last: Config | undefined;
  #superseded = false;
  #warned: Set<string> | undefined;

  constructor(owner: Owner, defaults: Policies) {
    this.#owner = owner;
    this.#defaults = defaults;
  }

  get target(): Target<Config> | undefined {
    return this.#target;
  }

  /** Whether it has no config and never had one. */
  get unresolved(): boolean {
    return this.#last === undefined && this.#target !== undefined && 'error' in this.#target;
  }

  /** Whether a first value is waited for, however often opening fails. */
  get patient(): boolean {
    return this.policies.retry.attempts === Infinity;
  }

  /** Open entries of this name that are kept, where somebody said so. */
  get maxEntries(): number | undefined {
    return this.#explicit?.maxEntries ?? this.#written?.maxEntries;
  }

  get policies(): Policies {
    if (this.#target && 'policies' in this.#target) return this.#target.policies;
    return this.#explicit ? { ...this.#defaults, ...this.#explicit } : this.#defaults;
  }

  /** What must not be seen in messages about this connection, and about an instance that was opened with `also`. */
  secrets(also?: Config): Iterable<string> {
    const { settings } = this.#owner.identity.Kind;
    return [this.#config, this.#last, also].flatMap((config) => (config ? [...secretsIn(config, settings)] : []));
  }

  get #config(): Config | undefined {
    return this.#target && 'config' in this.#target ? this.#target.config : undefined;
  }

  /** Of each policy the first explicit caller wins; a later one who differs is one warning. */
  ask(policies: Partial<Policies>): void {
    const names = Object.keys(policies) as (keyof Policies)[];
    if (names.length === 0) return;
    const before = this.#explicit ?? {};
    const told = names.filter((name) => name in before);
    if (told.length < names.length) {
      this.#explicit = { ...policies, ...before };
      if (this.#config) this.#aim(this.#config);
    }
    const { name } = this.#owner.identity;
    for (const policy of told) {
      const message = `"${name}" was asked for with another ${policy} before; the first one stays in use.`;
      if (!dequal(policies[policy], before[policy])) this.#warn('policy_conflict', message);
    }
  }

  /** Takes notice of what the sources say. It never throws: the stream of the sources would end with it. */
  take(load: Load): void {
    try {
      this.#take(load);
    } catch (error) {
      this.#reject(this.#ours(error));
    }
  }

  #take(load: Load): void {
    if (this.#superseded) return;
    const { name, Kind } = this.#owner.identity;
    if (load.state === 'failed') return this.#refuse(named(load.error, name), 'removed');
    const section = load.secrets.section(name);
    if (this.#resting && section && section['type'] === this.#section?.['type']) return;
    if (this.#target && section !== undefined && section === this.#section && !Kind.fallbackSettings) return;
    const found = this.#find(load.secrets);
    if (found instanceof ConfigError)
      return found.code === 'missing_config'
        ? this.#refuse(this.#section === undefined ? withoutSecrets(found, load.secrets) : found, 'removed')
        : this.#reject(found);
    const kind = this.#owner.kindNow(found.type);
    // Until it is loaded, all stays as it is.
    if (kind instanceof Promise) return this.#wait(kind);
    this.#section = section;
    if (kind !== undefined && kind !== Kind)
      return this.#changeKind(`is of another kind now (${found.type?.origin ?? 'the name'})`);
    const untrusted = untrustedFile(found, Kind.settings);
    if (untrusted) return this.#reject(untrusted);
    this.#written = writtenPolicies(found);
    this.#warnUnknown(found.config);
    this.#aim(found.config);
  }

  rest(): void {
    this.#resting = true;
    if (!this.#superseded) this.#target = undefined;
  }

  /** Somebody wants it: aims if that was not done yet. */
  wake(load: Load | undefined): void {
    this.#resting = false;
    if (load && !this.#target) this.take(load);
  }

  /** A reloaded class took its place. */
  supersede(): void {
    this.#superseded = true;
    this.#changeKind('is of a class that was reloaded');
  }

  describe(load: Load | undefined, kind: string): Description {
    const { name, Kind } = this.#owner.identity;
    const found = load?.state === 'loaded' ? this.#find(load.secrets) : undefined;
    return !found || found instanceof ConfigError ? { name, kind, settings: [] } : describe(found, kind, Kind.settings);
  }

  #find(secrets: Secrets): ConnectionConfig | ConfigError {
    const { name, Kind, params } = this.#owner.identity;
    // A section that was there and is gone is missed, whatever the params say.
    const gone = this.#section !== undefined && secrets.section(name) === undefined;
    const { settings, fallbackSettings } = Kind;
    // A kind that says it has no settings needs no section.
    const needsNothing = settings !== undefined && Object.keys(settings).length === 0;
    const config = this.#config;
    return connectionConfig({
      name,
      secrets,
      params: gone ? undefined : params,
      suffices: sufficesFor(settings),
      optional: !gone && needsNothing,
      fallback: gone
        ? undefined
        : fallbackSettings && ((above, hasSection) => fallbackSettings({ name, settings: above, hasSection, secrets })),
      before: config && { config },
    });
  }

  #wait(kind: Promise<KindClass>): void {
    kind.then(
      () => this.#owner.again(),
      (error: unknown) => this.#reject(error as HotlineError),
    );
  }

  #changeKind(what: string): void {
    const { name } = this.#owner.identity;
    const message = `"${name}" ${what}. Ask for the connection anew.`;
    this.#refuse(new ConfigError('kind_changed', message, { connection: name }), 'kind-changed');
  }

  /** What is written cannot be used: what worked before stays in use. */
  #reject(error: HotlineError): void {
    if (this.#config) this.#warn(error.code, error.message);
    else this.#refuse(error, 'removed');
  }

  #ours(cause: unknown): HotlineError {
    if (cause instanceof HotlineError) return cause;
    const { name: connection } = this.#owner.identity;
    const message = `"${connection}": its settings cannot be read by its kind; see cause.`;
    return new ConfigError('invalid_config', message, { connection, cause, secrets: this.secrets() });
  }

  #aim(config: Config): void {
    const before = this.#target;
    const policies =
      this.#written || this.#explicit ? { ...this.#defaults, ...this.#written, ...this.#explicit } : this.#defaults;
    if (before && 'config' in before && before.config === config && dequal(before.policies, policies)) return;
    if (before && this.#config !== config) {
      this.#last = this.#config;
      this.#owner.event({ type: 'config.changed' });
    }
    this.#target = { config, policies };
    this.#owner.aim(this.#target);
  }

  #refuse(error: HotlineError, reason: 'removed' | 'kind-changed'): void {
    const before = this.#target;
    if (before && 'error' in before && before.error.code === error.code && before.reason === reason) return;
    this.#last = this.#config;
    this.#target = { error, reason };
    this.#owner.aim(this.#target);
  }

  #warnUnknown(config: Config): void {
    const { name, Kind } = this.#owner.identity;
    if (!Kind.settings || Object.keys(Kind.settings).length === 0) return;
    for (const { key, nearest } of unknownSettings(config, Object.keys(Kind.settings))) {
      const hint = nearest ? `; did you mean "${nearest}"?` : '.';
      this.#warn('unknown_setting', `"${name}": ${Kind.name} knows no setting "${key}"${hint}`);
    }
  }

  /** Once each. */
  #warn(code: string, message: string): void {
    const warned = (this.#warned ??= new Set());
    if (warned.has(message)) return;
    warned.add(message);
    this.#owner.event({ type: 'warning', code, message });
  }
}
