import { AsyncResource } from 'node:async_hooks';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { defer, from, lastValueFrom, type Observable } from 'rxjs';
import { ConfigError, HotlineError, named, OpenError, type ErrorCategory, type ErrorCode } from '../errors/index.ts';
import type { BaseConnection, LeaseContext, PoolGauge } from '../kinds/base/index.ts';
import type { Resource } from '../lifecycle/index.ts';
import type { Config, Description } from '../secrets/index.ts';
import { explained } from './explained.ts';

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

/** Made where the module is loaded: what is opened here inherits no caller's async context. */
const neutral = new AsyncResource('hotline');

/** What a hook returns, as an Observable that runs it in a neutral async context. */
export function hook$<T>(run: () => Promise<T> | T): Observable<T> {
  return defer(() => from(neutral.runInAsyncScope(async () => run())));
}

/** What the hooks of a handle belong to. */
interface Owner {
  readonly name: string;
  readonly overlap: boolean;
  readonly schema: StandardSchemaV1 | undefined;
  /** What has to be kept out of messages about an instance of that config. */
  secrets(config?: Config): Iterable<string>;
  describe(): Description;
}

/** A kind's hooks, as its lifecycle sees them. */
export class KindResource<Raw> implements Resource<Raw, Config> {
  readonly #hooks: Hooks<Raw>;
  readonly #owner: Owner;

  constructor(hooks: Hooks<Raw>, owner: Owner) {
    this.#hooks = hooks;
    this.#owner = owner;
  }

  get overlap(): boolean {
    return this.#owner.overlap;
  }

  open(config: Config, signal: AbortSignal): Observable<Raw> {
    const { schema } = this.#owner;
    return hook$(async () =>
      this.#hooks.connect(schema ? await validated(schema, config, this.#owner) : config, { signal }),
    );
  }

  check(raw: Raw, signal: AbortSignal): Observable<unknown> {
    return hook$(() => this.#hooks.check(raw, { signal }));
  }

  expiresAt(raw: Raw): number {
    return Number(unlessItThrows(() => this.#hooks.expiresAt(raw)) ?? Infinity);
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

  /** Whether an instance that serves answers. */
  async ping(raw: Raw, config: Config, signal: AbortSignal): Promise<void> {
    await lastValueFrom(this.check(raw, signal)).catch((error: unknown) => {
      throw this.#failure(error, config, 'does not answer');
    });
  }

  pool(raw: Raw): PoolGauge | undefined {
    return unlessItThrows(() => this.#hooks.pool(raw));
  }

  failure(error: unknown, config: Config): HotlineError {
    const { name } = this.#owner;
    const settings = unlessItThrows(() => this.#owner.describe().settings) ?? [];
    const failed = this.#failure(error, config, 'could not be opened');
    return explained(failed, name, settings, this.#owner.secrets(config));
  }

  named<E extends HotlineError>(error: E, config: Config): E {
    return named(error, this.#owner.name, this.#owner.secrets(config));
  }

  #failure(error: unknown, config: Config, what: string): HotlineError {
    const { name } = this.#owner;
    const secrets = this.#owner.secrets(config);
    if (error instanceof HotlineError) return named(error, name, secrets);
    const category = unlessItThrows(() => this.#hooks.classify(error)) ?? 'transient';
    const said = unlessItThrows(() => (error instanceof Error ? error.message : String(error)));
    const message = `"${name}" ${what}: ${said ?? 'no reason was given'}`;
    const options = { connection: name, category, cause: error, secrets };
    return new OpenError(openings[category] ?? 'open_failed', message, options);
  }
}

const openings: Partial<Record<ErrorCategory, ErrorCode>> = { auth: 'auth_failed', timeout: 'open_timeout' };

/** The config as the kind's schema returns it. */
async function validated(schema: StandardSchemaV1, config: Config, owner: Owner): Promise<Config> {
  const result = await schema['~standard'].validate(config);
  if (!result.issues) return Object.freeze(result.value as Config);
  const settings = result.issues.map(({ path = [] }) =>
    path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.'),
  );
  const issues = result.issues.map(({ message }, at) => (settings[at] ? `${settings[at]}: ${message}` : message));
  const { name: connection } = owner;
  const secrets = owner.secrets(config);
  const setting = settings.length === 1 ? settings[0] : undefined;
  throw new ConfigError('invalid_config', `"${connection}": ${issues.join('; ')}`, { connection, secrets, setting });
}

/** A kind's mistake in a hook that is asked in passing stops nothing. */
function unlessItThrows<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}
