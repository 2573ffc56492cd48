import { AsyncResource } from 'node:async_hooks';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { defer, from, type Observable } from 'rxjs';
import { ConfigError, HotlineError, OpenError, type ErrorCategory, type ErrorCode } from '../errors/index.ts';
import type { BaseConnection, LeaseContext, PoolGauge } from '../kinds/base/index.ts';
import type { Resource } from '../lifecycle/index.ts';
import type { Config } from '../secrets/index.ts';

/** The protected side of a kind, which only a registry calls. */
export interface Hooks<Raw> {
  connect(config: Config, context: LeaseContext): Promise<Raw> | Raw;
  disconnect(raw: Raw, context: LeaseContext): unknown;
  check(raw: Raw, context: LeaseContext): unknown;
  classify(error: unknown): ErrorCategory | undefined;
  retire(raw: Raw): void;
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
  /** What has to be kept out of messages. */
  secrets(): Iterable<string>;
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
    const { schema, name } = this.#owner;
    return hook$(async () => this.#hooks.connect(schema ? await validated(schema, config, name) : config, { signal }));
  }

  check(raw: Raw, signal: AbortSignal): Observable<unknown> {
    return hook$(() => this.#hooks.check(raw, { signal }));
  }

  close(raw: Raw, signal: AbortSignal): Observable<unknown> {
    return hook$(() => this.#hooks.disconnect(raw, { signal }));
  }

  retire(raw: Raw): void {
    this.#hooks.retire(raw);
  }

  keeps(before: Config, after: Config): boolean {
    return before === after || this.#hooks.keeps(before, after);
  }

  failure(error: unknown): HotlineError {
    return openFailure(error, this.#owner.name, this.#hooks.classify(error), this.#owner.secrets());
  }
}

const openings: Partial<Record<ErrorCategory, ErrorCode>> = { auth: 'auth_failed', timeout: 'open_timeout' };

function openFailure(
  error: unknown,
  connection: string,
  category: ErrorCategory = 'transient',
  secrets: Iterable<string>,
): HotlineError {
  if (error instanceof HotlineError) {
    if (error.connection !== undefined) return error;
    const { code, message, cause } = error;
    return new OpenError(code, `"${connection}": ${message}`, { connection, category: error.category, cause, secrets });
  }
  const said = error instanceof Error ? error.message : String(error);
  return new OpenError(openings[category] ?? 'open_failed', `"${connection}" could not be opened: ${said}`, {
    connection,
    category,
    cause: error,
    secrets,
  });
}

/** The config as the kind's schema returns it. */
async function validated(schema: StandardSchemaV1, config: Config, connection: string): Promise<Config> {
  const result = await schema['~standard'].validate(config);
  if (!result.issues) return Object.freeze(result.value as Config);
  const issues = result.issues.map(({ path, message }) => {
    const keys = path?.map((part) => String(typeof part === 'object' ? part.key : part)) ?? [];
    return keys.length > 0 ? `${keys.join('.')}: ${message}` : message;
  });
  throw new ConfigError('invalid_config', `"${connection}": ${issues.join('; ')}`, { connection });
}
