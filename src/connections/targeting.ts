import { dequal } from 'dequal';
import { ConfigError, HotlineError } from '../errors/index.ts';
import { readPolicies, type Policies, type Target } from '../lifecycle/index.ts';
import {
  connectionConfig,
  describe,
  unknownSettings,
  type Config,
  type ConnectionConfig,
  type Description,
  type Load,
} from '../secrets/index.ts';
import type { EntryEvent } from './event.ts';
import type { KindClass } from './kind.ts';

interface About {
  readonly name: string;
  readonly Kind: KindClass;
  readonly params: Readonly<Record<string, unknown>>;
}

interface Hearers {
  aim(target: Target<Config>): void;
  event(event: EntryEvent): void;
  /** Whether the class that the section names now is another one. */
  kindChanged(connection: ConnectionConfig): boolean;
}

/** Works out what one connection should be now, from its section, its params and its policies; aims when that changes. */
export class Targeting {
  readonly #about: About;
  readonly #defaults: Policies;
  readonly #hearers: Hearers;
  /** What the first caller who said anything of policies said. */
  #explicit: Partial<Policies> | undefined;
  #section: unknown;
  #found: ConnectionConfig | undefined;
  #target: Target<Config> | undefined;
  #warned = new Set<string>();

  constructor(about: About, defaults: Policies, hearers: Hearers) {
    this.#about = about;
    this.#defaults = defaults;
    this.#hearers = hearers;
  }

  get target(): Target<Config> | undefined {
    return this.#target;
  }

  /** Whether a first value is waited for, however often opening fails. */
  get patient(): boolean {
    return this.policies.retry.attempts === Infinity;
  }

  /** Open entries of this name that are kept, where somebody said so. */
  get maxEntries(): number | undefined {
    const written = this.#found?.policies.maxEntries?.value;
    return this.#explicit?.maxEntries ?? (typeof written === 'number' ? written : undefined);
  }

  get policies(): Policies {
    return this.#target && 'policies' in this.#target
      ? this.#target.policies
      : { ...this.#defaults, ...this.#explicit };
  }

  /** A kind that says it has no settings needs no section. */
  get #needsNothing(): boolean {
    const { settings } = this.#about.Kind;
    return settings !== undefined && Object.keys(settings).length === 0;
  }

  /** What must not be seen in messages about this connection. */
  get secrets(): Iterable<string> {
    return this.#found?.secrets ?? [];
  }

  /** The first explicit caller wins; a later one who differs is one warning. */
  ask(policies: Partial<Policies>): void {
    if (Object.keys(policies).length === 0) return;
    if (this.#explicit === undefined) {
      this.#explicit = policies;
      if (this.#found) this.#aim(this.#found);
    } else if (!dequal(policies, this.#explicit)) {
      const { name } = this.#about;
      this.#warn('policy_conflict', `"${name}" was asked for with other policies before; the first ones stay in use.`);
    }
  }

  /** Takes notice of what the sources say. */
  take(load: Load): void {
    const { name, params } = this.#about;
    if (load.state === 'failed') return this.#refuse(load.error, 'removed');
    const section = load.secrets.section(name);
    if (this.#target && section !== undefined && section === this.#section) return;
    // A section that was there and is gone is missed, whatever the params say.
    const gone = this.#section !== undefined && section === undefined;
    const found = connectionConfig({
      name,
      secrets: load.secrets,
      params: gone ? undefined : params,
      optional: !gone && this.#needsNothing,
      before: this.#found,
    });
    if (found instanceof ConfigError) {
      if (found.code !== 'missing_config' && this.#found) return this.#warn(found.code, found.message);
      return this.#refuse(found, 'removed');
    }
    this.#section = section;
    if (this.#hearers.kindChanged(found))
      return this.#refuse(
        new ConfigError(
          'kind_changed',
          `"${name}" is of another kind now (${found.type?.origin ?? 'the name'}). Ask for the connection anew.`,
          { connection: name },
        ),
        'kind-changed',
      );
    this.#aim(found);
  }

  /** A reloaded class took its place. */
  supersede(): void {
    const { name } = this.#about;
    this.#refuse(
      new ConfigError('kind_changed', `"${name}": its class was reloaded. Ask for the connection anew.`, {
        connection: name,
      }),
      'kind-changed',
    );
  }

  describe(kind: string): Description {
    const { name, Kind } = this.#about;
    return this.#found ? describe(this.#found, kind, Kind.settings) : { name, kind, settings: [] };
  }

  #aim(found: ConnectionConfig): void {
    let policies: Policies;
    try {
      policies = { ...this.#defaults, ...this.#written(found), ...this.#explicit };
    } catch (error) {
      const wrong = error as HotlineError;
      // What worked before stays in use.
      if (this.#found) return this.#warn(wrong.code, wrong.message);
      return this.#refuse(wrong, 'removed');
    }
    const before = this.#target && 'config' in this.#target ? this.#target : undefined;
    this.#found = found;
    this.#warnUnknown(found.config);
    if (before?.config === found.config && dequal(before.policies, policies)) return;
    const changed = this.#target !== undefined && before?.config !== found.config;
    this.#target = { config: found.config, policies };
    if (changed) this.#hearers.event({ type: 'config.changed' });
    this.#hearers.aim(this.#target);
  }

  #written({ policies, name }: ConnectionConfig): Partial<Policies> {
    const values = Object.fromEntries(Object.entries(policies).map(([key, { value }]) => [key, value]));
    const [{ origin } = { origin: '' }] = Object.values(policies);
    return readPolicies(values, 'file', `"${name}" (${origin}): `);
  }

  #refuse(error: HotlineError, reason: 'removed' | 'kind-changed'): void {
    const before = this.#target;
    if (before && 'error' in before && before.error.code === error.code && before.reason === reason) return;
    this.#target = { error, reason };
    this.#hearers.aim(this.#target);
  }

  #warnUnknown(config: Config): void {
    const { name, Kind } = this.#about;
    if (!Kind.settings || Object.keys(Kind.settings).length === 0) return;
    for (const { key, nearest } of unknownSettings(config, Object.keys(Kind.settings)))
      this.#warn(
        'unknown_setting',
        `"${name}": ${Kind.name} knows no setting "${key}"${nearest ? `; did you mean "${nearest}"?` : '.'}`,
      );
  }

  /** Once each. */
  #warn(code: string, message: string): void {
    if (this.#warned.has(message)) return;
    this.#warned.add(message);
    this.#hearers.event({ type: 'warning', code, message });
  }
}
