import { AsyncResource } from 'node:async_hooks';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { defer, from, lastValueFrom, type Observable } from 'rxjs';
import { endOf } from '../credentials/index.ts';
import {
  ConfigError,
  HotlineError,
  withConnection,
  OpenError,
  type ErrorCategory,
  type ErrorCode,
  messageOf,
} from '../errors/index.ts';
import type { BaseConnection, LeaseContext, PoolGauge } from '../kinds/base/index.ts';
import type { Resource } from '../lifecycle/index.ts';
import type { Config } from '../secrets/index.ts';
import { withSettingsHint } from './config-errors.ts';
import type { ConfigTracker } from './config-tracker.ts';
import type { Identity } from './identity.ts';

/** The protected side of a kind, which only a registry calls. */
export interface Hooks<Raw> {
  connect(config: Config, context: LeaseContext): Promise<Raw> | Raw;
  disconnect(raw: Raw, context: LeaseContext): unknown;
  check(raw: Raw, context: LeaseContext): unknown;
  classify(error: unknown): ErrorCategory | undefined;
  expiresAt(raw: Raw): Date | number | undefined;
  retire(raw: Raw): void;
  cut(raw: Raw): unknown;
  keeps(before: Config, after: Config): boolean;
  pool(raw: Raw): PoolGauge | undefined;
}

export function hooksOf<Raw>(handle: BaseConnection<Raw>): Hooks<Raw> {
  return handle as unknown as Hooks<Raw>;
}

/** A neutral async context: it is made while the module loads, so that an instance inherits no caller's context. */
const neutral = new AsyncResource('hotline');

/** The result of a hook, as an Observable that runs the hook in the neutral async context. */
export function hook$<T>(run: () => Promise<T> | T): Observable<T> {
  return defer(() => from(neutral.runInAsyncScope(async () => run())));
}

/** The resource of a lifecycle, by the hooks of a kind. */
export class KindResource<Raw> implements Resource<Raw, Config> {
  readonly #hooks: Hooks<Raw>;
  readonly #identity: Identity;
  readonly #tracker: ConfigTracker;

  constructor(hooks: Hooks<Raw>, identity: Identity, tracker: ConfigTracker) {
    this.#hooks = hooks;
    this.#identity = identity;
    this.#tracker = tracker;
  }

  get overlap(): boolean {
    return this.#identity.Kind.overlap;
  }

  open(config: Config, signal: AbortSignal): Observable<Raw> {
    const { schema } = this.#identity.Kind;
    return hook$(async () => this.#hooks.connect(schema ? await this.#validated(schema, config) : config, { signal }));
  }

  check(raw: Raw, signal: AbortSignal): Observable<unknown> {
    return hook$(() => this.#hooks.check(raw, { signal }));
  }

  expiresAt(raw: Raw, now: number): number {
    return endOf(unlessItThrows(() => this.#hooks.expiresAt(raw)) ?? Infinity, now);
  }

  close(raw: Raw, signal: AbortSignal): Observable<unknown> {
    return hook$(() => this.#hooks.disconnect(raw, { signal }));
  }

  retire(raw: Raw): void {
    hook$(() => this.#hooks.retire(raw)).subscribe({ error: () => undefined });
  }

  cut(raw: Raw): void {
    hook$(() => this.#hooks.cut(raw)).subscribe({ error: () => undefined });
  }

  keeps(before: Config, after: Config): boolean {
    return before === after || (unlessItThrows(() => this.#hooks.keeps(before, after)) ?? false);
  }

  /** Tells whether an instance that serves answers. */
  async ping(raw: Raw, config: Config, signal: AbortSignal): Promise<void> {
    await lastValueFrom(this.check(raw, signal)).catch((error: unknown) => {
      throw this.#failure(error, config, 'does not answer');
    });
  }

  pool(raw: Raw): PoolGauge | undefined {
    return unlessItThrows(() => this.#hooks.pool(raw));
  }

  failure(error: unknown, config: Config): HotlineError {
    const { name } = this.#identity;
    const settings = unlessItThrows(() => this.#tracker.describe().settings) ?? [];
    const failed = this.#failure(error, config, 'could not be opened');
    return withSettingsHint(failed, name, settings, this.#tracker.secrets(config));
  }

  named<E extends HotlineError>(error: E, config: Config): E {
    return withConnection(error, this.#identity.name, this.#tracker.secrets(config));
  }

  /** The config as the kind's schema returns it. */
  async #validated(schema: StandardSchemaV1, config: Config): Promise<Config> {
    const result = await schema['~standard'].validate(config);
    if (!result.issues) return Object.freeze(result.value as Config);
    const settings = result.issues.map(({ path = [] }) =>
      path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.'),
    );
    const issues = result.issues.map(({ message }, at) => (settings[at] ? `${settings[at]}: ${message}` : message));
    const { name: connection } = this.#identity;
    const secrets = this.#tracker.secrets(config);
    const setting = settings.length === 1 ? settings[0] : undefined;
    throw new ConfigError('invalid_config', `"${connection}": ${issues.join('; ')}`, { connection, secrets, setting });
  }

  #failure(error: unknown, config: Config, what: string): HotlineError {
    const { name } = this.#identity;
    const secrets = this.#tracker.secrets(config);
    if (error instanceof HotlineError) return withConnection(error, name, secrets);
    const category = unlessItThrows(() => this.#hooks.classify(error)) ?? 'transient';
    const said = unlessItThrows(() => messageOf(error));
    const message = `"${name}" ${what}: ${said ?? 'no reason was given'}`;
    const options = { connection: name, category, cause: error, secrets };
    return new OpenError(openings[category] ?? 'open_failed', message, options);
  }
}

const openings: Partial<Record<ErrorCategory, ErrorCode>> = { auth: 'auth_failed', timeout: 'open_timeout' };

/** The result of a hook; `undefined` where the hook throws, so that a mistake of a kind stops nothing. */
function unlessItThrows<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}
