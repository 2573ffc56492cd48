import { EMPTY, asyncScheduler, type Observable } from 'rxjs';
import { milliseconds } from '../../src/duration/index.ts';
import type { Lease, LeaseOptions, Leases, PoolGauge } from '../../src/kinds/base/index.ts';
import type {
  BeginOptions,
  Cursor,
  CursorContext,
  QueryConnection,
  QueryDriver,
  Result,
  RunContext,
  Statement,
  TransactionHandle,
} from '../../src/kinds/query/index.ts';
import type { ErrorCategory } from '../../src/errors/index.ts';
import type { Config } from '../../src/secrets/index.ts';

/** The hooks of a kind, and what its driver does, by what `use` passes. */
interface Hooks<Raw> {
  run(raw: Raw, statement: Statement, context: Partial<RunContext>): Promise<Result>;
  openCursor(raw: Raw, statement: Statement, context: CursorContext): Promise<Cursor>;
  begin(raw: Raw, options: Partial<BeginOptions>): Promise<TransactionHandle<unknown>>;
  listen(raw: Raw, channel: string): Observable<unknown>;

  check(raw: Raw, context: { signal: AbortSignal }): Promise<void>;
  disconnect(raw: Raw, context: { signal: AbortSignal }): Promise<void>;
  retire(raw: Raw): void;
  pool(raw: Raw): PoolGauge;
  capacity(raw: Raw): number | undefined;
  classify(error: unknown): ErrorCategory | undefined;
  cacheScope(config: Config): unknown;
  keeps(before: Config, after: Config): boolean;
}

/** What the registry calls of a kind. */
interface RegistryHooks<Opened> {
  connect(config: Config, context: { signal: AbortSignal }): Promise<Opened>;
  check(opened: Opened, context: { signal: AbortSignal }): Promise<void>;
  disconnect(opened: Opened, context: { signal: AbortSignal }): Promise<void>;
  retire(opened: Opened): void;
  pool(opened: Opened): PoolGauge;
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
 * A query kind behind a port made by hand: one instance, opened at first use and replaced when it is said to be broken.
 * It stands in for the registry, so that a kind can be tried alone.
 */
export function openPort<Raw extends object, Tx, Kind extends QueryConnection<Raw, Tx>>(
  Kind: new (leases: Leases<QueryDriver<Raw, Tx>>) => Kind & QueryConnection<Raw, Tx>,
  config: Config,
  name = 'pets',
): Opened<Kind, Raw> {
  type Driver = QueryDriver<Raw, Tx>;
  const never = new AbortController().signal;
  const opened = new Map<Raw, Driver>();
  const broken: unknown[] = [];
  let generation = 0;
  let current: Promise<Driver> | undefined;
  let leases = 0;
  const open = async (): Promise<Driver> => {
    const driver = await kind.connect(config, { signal: never });
    opened.set(driver.raw, driver);
    generation += 1;
    await kind.check(driver, { signal: never });
    return driver;
  };
  const instance = (): Promise<Driver> =>
    (current ??= open().catch((error: unknown) => {
      current = undefined;
      throw error;
    }));
  const lease = async ({ signal, timeout }: LeaseOptions = {}): Promise<Lease<Driver>> => {
    const made = instance();
    const raw = await made;
    const signals = [signal, timeout === undefined ? undefined : AbortSignal.timeout(milliseconds(timeout, 'timeout'))];
    leases += 1;
    let held = true;
    return {
      raw,
      generation,
      config,
      signal: AbortSignal.any(signals.filter((one) => one !== undefined)),
      retired: never,
      release: () => {
        if (held) leases -= 1;
        held = false;
      },
      async [Symbol.asyncDispose]() {
        if (held) leases -= 1;
        held = false;
      },
      broken: (error) => {
        broken.push(error);
        if (current === made) current = undefined;
      },
    };
  };
  const port: Partial<Leases<Driver>> = {
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
      await kind.check(await instance(), { signal: never });
    },
    shared: (_key, make) => make(),
  };
  const connection = new Kind(port as Leases<Driver>);
  const kind = connection as unknown as RegistryHooks<Driver>;
  const driverOf = (raw: Raw): Driver => opened.get(raw)!;
  return {
    connection,
    hooks: {
      run: (raw, statement, context) => driverOf(raw).run(statement, context as RunContext),
      openCursor: (raw, statement, context) => driverOf(raw).openCursor(statement, context),
      begin: (raw, options) => driverOf(raw).begin(options as BeginOptions),
      listen: (raw, channel) => driverOf(raw).listen!(channel),
      check: async (raw, context) => kind.check(driverOf(raw), context),
      disconnect: async (raw, context) => kind.disconnect(driverOf(raw), context),
      retire: (raw) => kind.retire(driverOf(raw)),
      pool: (raw) => kind.pool(driverOf(raw)),
      capacity: (raw) => driverOf(raw).capacity,
      classify: (error) => kind.classify(error),
      cacheScope: (of) => kind.cacheScope(of),
      keeps: (before, after) => kind.keeps(before, after),
    },
    raw: async () => (await instance()).raw,
    get leases() {
      return leases;
    },
    broken,
    async close() {
      for (const driver of opened.values()) await kind.disconnect(driver, { signal: AbortSignal.timeout(5000) });
    },
  };
}
