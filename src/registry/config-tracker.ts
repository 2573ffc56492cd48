import { dequal } from 'dequal';
import { otherProvider } from '../credentials/index.ts';
import { ConfigError, HotlineError, withConnection } from '../errors/index.ts';
import type { Target } from '../lifecycle/index.ts';
import { policyNamed, type Policies } from '../policy/index.ts';
import {
  changedSettings,
  connectionConfig,
  secretsIn,
  unknownSettings,
  type Config,
  type ConnectionConfig,
  type Description,
  type Load,
  type Secrets,
} from '../secrets/index.ts';
import { description } from './description.ts';
import { hasLocation, sufficesFor, untrustedFile, withoutSecrets } from './config-errors.ts';
import { mergeTables } from '../table.ts';
import type { Identity } from './identity.ts';
import type { KindClass } from './kinds.ts';
import { writtenPolicies } from './options.ts';
import type { RegistryContext } from './registry-context.ts';

/** The number of secrets of providers that are remembered. */
const mostConcealed = 32;

/** Works out the target of one connection from its section, its params and its policies; sets it when it changes. */
export class ConfigTracker {
  /** Tells whether no caller gave the class: it follows the section. */
  inferred: boolean;
  readonly #identity: Identity;
  readonly #context: RegistryContext;
  readonly #setTarget: (target: Target<Config>) => void;
  /** Of each policy, the value of the first caller who gave one. */
  #explicit: Partial<Policies> | undefined;
  #givesParams = false;
  /** The provider of the first caller who gave one. */
  #credentials: unknown;
  /** Secret texts that came by another way than the config, newest last. */
  #concealed: readonly string[] = [];
  #section: ReturnType<Secrets['section']>;
  /** Nothing is open: the target is worked out when somebody needs it. */
  #suspended = false;
  /** The policies of the section. */
  #written: Partial<Policies> | undefined;
  #target: Target<Config> | undefined;
  /** The config before this one: an instance of it may still show its secrets in an error. */
  #last: Config | undefined;
  #replaced = false;
  #warned: Set<string> | undefined;

  constructor(
    identity: Identity,
    context: RegistryContext,
    inferred: boolean,
    setTarget: (target: Target<Config>) => void,
  ) {
    this.#identity = identity;
    this.#context = context;
    this.inferred = inferred;
    this.#setTarget = setTarget;
  }

  get target(): Target<Config> | undefined {
    return this.#target;
  }

  /** Tells whether it has no config and never had one. */
  get unresolved(): boolean {
    return this.#last === undefined && this.#target !== undefined && 'error' in this.#target;
  }

  /** Tells whether a subscriber waits for a first value however often opening fails. */
  get patient(): boolean {
    return this.policies.retry.attempts === Infinity;
  }

  /** The limit of entries of this name; `undefined` where neither a caller nor the section gives one. */
  get maxEntries(): number | undefined {
    return this.#explicit?.maxEntries ?? this.#written?.maxEntries;
  }

  get policies(): Policies {
    if (this.#target && 'policies' in this.#target) return this.#target.policies;
    return this.#explicit ? { ...this.#context.defaults, ...this.#explicit } : this.#context.defaults;
  }

  /** The secret values to be kept out of messages about this connection, and about an instance that was opened with `also`. */
  secrets(also?: Config): Iterable<string> {
    const { settings } = this.#identity.Kind;
    const all = [this.#config, this.#last, also, { given: this.#concealed }];
    return all.flatMap((config) => (config ? [...secretsIn(config, settings)] : []));
  }

  /** Keeps texts out of messages that are in no config. */
  conceal(secrets: readonly string[]): void {
    this.#concealed = [...new Set([...this.#concealed, ...secrets])].slice(-mostConcealed);
  }

  get #config(): Config | undefined {
    return this.#target && 'config' in this.#target ? this.#target.config : undefined;
  }

  /** Adds the policies of a caller. Of each policy the first caller wins; a different later value is one warning. */
  addPolicies(policies: Partial<Policies>): void {
    const names = Object.keys(policies) as (keyof Policies)[];
    if (names.length === 0) return;
    const before = this.#explicit ?? {};
    const told = names.filter((name) => name in before);
    if (told.length < names.length) {
      this.#explicit = { ...policies, ...before };
      if (this.#config) this.#apply(this.#config);
    }
    const { name } = this.#identity;
    for (const policy of told) {
      const message = `"${name}" was asked for with another ${policy} before; the first one stays in use.`;
      if (!dequal(policies[policy], before[policy])) this.#warn('policy_conflict', message);
    }
  }

  /** A caller gave params, though none may be in them: a kind that need not be told where to connect needs no section then. */
  paramsGiven(): void {
    if (this.#givesParams) return;
    this.#givesParams = true;
    if (this.#target && 'error' in this.#target) this.reevaluate();
  }

  /** Takes the provider of a caller, which is no part of the identity: the first one stays in use; a different later one is one warning. */
  addCredentials(credentials: unknown): void {
    const other = otherProvider(this.#identity.name, this.#credentials, credentials);
    if (other) this.#warn('credentials_conflict', other);
    if (credentials === undefined || this.#credentials !== undefined) return;
    this.#credentials = credentials;
    if (!this.#target) return;
    this.#section = undefined;
    this.reevaluate();
  }

  /** Takes in a load of the sources. It never throws: an error would end the loop over all entries. */
  onSecrets(load: Load): void {
    try {
      this.#read(load);
    } catch (error) {
      this.#reject(this.#asConfigError(error));
    }
  }

  #read(load: Load): void {
    if (this.#replaced) return;
    const { name, Kind } = this.#identity;
    if (load.state === 'failed') return this.#refuse(withConnection(load.error, name), 'removed');
    const section = load.secrets.section(name);
    // At rest the section is read when somebody asks; one that came back ends the refusal that its absence caused.
    if (this.#suspended && !this.#target && section && section['type'] === this.#section?.['type']) return;
    if (this.#target && section !== undefined && section === this.#section && !Kind.fallbackSettings) return;
    const found = this.#find(load.secrets);
    if (found instanceof ConfigError)
      return found.code === 'missing_config'
        ? this.#refuse(this.#section === undefined ? withoutSecrets(found, load.secrets) : found, 'removed')
        : this.#reject(found);
    const kind = this.inferred ? this.#context.kinds.resolve(name, undefined, found.type) : undefined;
    // Nothing changes until the class is loaded.
    if (kind instanceof Promise) return this.#wait(kind);
    this.#section = section;
    if (kind !== undefined && kind !== Kind)
      return this.#changeKind(`is of another kind now (${found.type?.origin ?? 'the name'})`);
    const untrusted = untrustedFile(found, Kind.settings);
    if (untrusted) return this.#reject(untrusted);
    this.#written = writtenPolicies(found);
    this.#warnUnknown(found.config);
    this.#apply(found.config);
  }

  /** Nothing is open any more: forgets the target, which `resume` works out again. */
  suspend(): void {
    this.#suspended = true;
    if (!this.#replaced) this.#target = undefined;
  }

  /** Somebody needs the connection: works out the target if there is none. */
  resume(load: Load | undefined): void {
    this.#suspended = false;
    if (load && !this.#target) this.onSecrets(load);
  }

  /** Works out the target again, from the latest load. */
  reevaluate(): void {
    const load = this.#context.loads.latest();
    if (load) this.onSecrets(load);
  }

  /** A reloaded class took the place of this one. */
  markReplaced(): void {
    this.#replaced = true;
    this.#changeKind('is of a class that was reloaded');
  }

  /** The effective settings, redacted. */
  describe(): Description {
    const load = this.#context.loads.latest();
    const { name, Kind } = this.#identity;
    const found = load?.state === 'loaded' ? this.#find(load.secrets) : undefined;
    const section = found instanceof ConfigError ? undefined : found;
    return description({ name, Kind, section, explicit: this.#explicit, defaults: this.#context.defaults });
  }

  #find(secrets: Secrets): ConnectionConfig | ConfigError {
    const { name, Kind } = this.#identity;
    const params = mergeTables(this.#identity.params, { credentials: this.#credentials });
    // A section that is gone is an error, although the params alone would have been enough at first.
    const gone = this.#section !== undefined && secrets.section(name) === undefined;
    const { settings, fallbackSettings } = Kind;
    // A kind that declares no settings needs no section.
    const needsNothing = settings !== undefined && Object.keys(settings).length === 0;
    const config = this.#config;
    return connectionConfig({
      name,
      secrets,
      params: gone ? undefined : params,
      known: settings,
      suffices: sufficesFor(settings),
      optional: !gone && (needsNothing || (this.#givesParams && !hasLocation(settings))),
      fallback: gone
        ? undefined
        : fallbackSettings && ((above, hasSection) => fallbackSettings({ name, settings: above, hasSection, secrets })),
      before: config && { config },
    });
  }

  #wait(kind: Promise<KindClass>): void {
    kind.then(() => this.reevaluate()).catch((error: unknown) => this.#reject(error as HotlineError));
  }

  #changeKind(what: string): void {
    const { name } = this.#identity;
    const message = `"${name}" ${what}. Ask for the connection anew.`;
    this.#refuse(new ConfigError('kind_changed', message, { connection: name }), 'kind-changed');
  }

  /** The settings cannot be used: the config before them stays in use. */
  #reject(error: HotlineError): void {
    if (this.#config) this.#warn(error.code, error.message);
    else this.#refuse(error, 'removed');
  }

  #asConfigError(cause: unknown): HotlineError {
    if (cause instanceof HotlineError) return cause;
    const { name: connection } = this.#identity;
    const message = `"${connection}": its settings cannot be read by its kind; see cause.`;
    return new ConfigError('invalid_config', message, { connection, cause, secrets: this.secrets() });
  }

  #apply(config: Config): void {
    const before = this.#target;
    const policies =
      this.#written || this.#explicit
        ? { ...this.#context.defaults, ...this.#written, ...this.#explicit }
        : this.#context.defaults;
    if (before && 'config' in before && before.config === config && dequal(before.policies, policies)) return;
    if (before && this.#config !== config) {
      const settings = changedSettings(this.#config ?? this.#last ?? {}, config);
      this.#last = this.#config;
      this.#context.event(this.#identity, { type: 'config.changed', settings });
    }
    this.#target = { config, policies };
    this.#setTarget(this.#target);
  }

  #refuse(error: HotlineError, reason: 'removed' | 'kind-changed'): void {
    const before = this.#target;
    if (before && 'error' in before && before.error.code === error.code && before.reason === reason) return;
    this.#last = this.#config;
    this.#target = { error, reason };
    this.#setTarget(this.#target);
  }

  #warnUnknown(config: Config): void {
    const { name, Kind } = this.#identity;
    if (!Kind.settings || Object.keys(Kind.settings).length === 0) return;
    const known = Object.entries(Kind.settings).flatMap(([own, setting]) => [
      own,
      ...(setting?.inCode ? [setting.inCode] : []),
    ]);
    for (const { key, nearest } of unknownSettings(config, known)) {
      const policy = policyNamed(key) && '; it is a policy: write it beside `params`, not into them.';
      const hint = policy || (nearest ? `; did you mean "${nearest}"?` : '.');
      this.#warn('unknown_setting', `"${name}": ${Kind.name} knows no setting "${key}"${hint}`);
    }
  }

  /** Publishes each warning once. */
  #warn(code: string, message: string): void {
    const warned = (this.#warned ??= new Set());
    if (warned.has(message)) return;
    warned.add(message);
    this.#context.event(this.#identity, { type: 'warning', code, message });
  }
}
