import { EMPTY, asyncScheduler, type Observable } from 'rxjs';
import { milliseconds } from '../../src/duration/index.ts';
import type { BaseConnection, Lease, LeaseOptions, Leases, PoolGauge } from '../../src/kinds/base/index.ts';
import type { BeginOptions, CursorContext, RunContext, TransactionHandle } from '../../src/kinds/query/index.ts';
import type { Cursor, Result, Statement } from '../../src/queries/index.ts';
import type { ErrorCategory } from '../../src/errors/index.ts';
import type { Config } from '../../src/secrets/index.ts';

/** The hooks of a kind, which only the registry calls. */
interface Hooks<Raw> {
  run(raw: Raw, statement: Statement, context: Partial<RunContext>): Promise<Result>;
  openCursor(raw: Raw, statement: Statement, context: CursorContext): Promise<Cursor>;
  begin(raw: Raw, options: Partial<BeginOptions>): Promise<TransactionHandle<unknown>>;
  listen(raw: Raw, channel: string): Observable<unknown>;

  connect(config: Config, context: { signal: AbortSignal }): Promise<Raw>;
  check(raw: Raw, context: { signal: AbortSignal }): Promise<void>;
  disconnect(raw: Raw, context: { signal: AbortSignal }): Promise<void>;
  retire(raw: Raw): void;
  pool(raw: Raw): PoolGauge;
  classify(error: unknown): ErrorCategory | undefined;
  cacheScope(config: Config): unknown;
  keeps(before: Config, after: Config): boolean;
}

export interface Opened<Kind, Raw> {
  readonly connection: Kind;
  readonly hooks: Hooks<Raw>;
  raw(): Promise<Raw>;
  /** How many leases are held now. */
  readonly leases: number;
  /** What was said to be broken. */
  readonly broken: readonly unknown[];
  close(): Promise<void>;
}

/**
 * A kind behind a port made by hand: one instance, opened at first use and replaced when it is said to be broken.
 * It stands in for the registry, so that a kind can be tried alone.
 */
export function openPort<Raw, Kind extends BaseConnection<Raw>>(
  Kind: new (leases: Leases<Raw>) => Kind,
  config: Config,
  name = 'pets',
): Opened<Kind, Raw> {
  const never = new AbortController().signal;
  const opened: Raw[] = [];
  const broken: unknown[] = [];
  let current: Promise<Raw> | undefined;
  let leases = 0;
  const open = async (): Promise<Raw> => {
    const raw = await hooks.connect(config, { signal: never });
    opened.push(raw);
    await hooks.check(raw, { signal: never });
    return raw;
  };
  const raw = (): Promise<Raw> =>
    (current ??= open().catch((error: unknown) => {
      current = undefined;
      throw error;
    }));
  const lease = async ({ signal, timeout }: LeaseOptions = {}): Promise<Lease<Raw>> => {
    const made = raw();
    const instance = await made;
    const signals = [signal, timeout === undefined ? undefined : AbortSignal.timeout(milliseconds(timeout, 'timeout'))];
    leases += 1;
    let held = true;
    return {
      raw: instance,
      generation: opened.length,
      config,
      signal: AbortSignal.any(signals.filter((one) => one !== undefined)),
      release: () => {
        if (held) leases -= 1;
        held = false;
      },
      broken: (error) => {
        broken.push(error);
        if (current === made) current = undefined;
      },
    };
  };
  const port: Partial<Leases<Raw>> = {
    id: name,
    name,
    instance$: EMPTY,
    scheduler: asyncScheduler,
    lease,
    async use(fn, options) {
      const held = await lease(options);
      try {
        return await fn(held.raw, held);
      } finally {
        held.release();
      }
    },
    config: () => Promise.resolve(config),
    secrets: () => Object.values(config).filter((value) => typeof value === 'string'),
    async ping() {
      await hooks.check(await raw(), { signal: never });
    },
    shared: (_key, make) => make(),
  };
  const connection = new Kind(port as Leases<Raw>);
  const hooks = connection as unknown as Hooks<Raw>;
  return {
    connection,
    hooks,
    raw,
    get leases() {
      return leases;
    },
    broken,
    async close() {
      for (const instance of opened.splice(0)) await hooks.disconnect(instance, { signal: AbortSignal.timeout(5000) });
    },
  };
}
