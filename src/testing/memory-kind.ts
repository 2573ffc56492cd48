import {
  BaseConnection,
  type Config,
  type ErrorCategory,
  type KindClass,
  type LeaseContext,
  type PoolGauge,
} from '../index.ts';

/** The resource of the in-memory kind: an object that knows whether it is open. */
export interface MemoryInstance {
  /** The number of the attempt that opened it, from 1. */
  readonly number: number;
  /** The config that it was opened with. */
  readonly config: Config;
  /** Tells whether `disconnect` was called. */
  readonly closed: boolean;
}

/** Options of `memoryKind`. */
export interface MemoryKindOptions {
  /** Statics of the class: whether two instances can live side by side. Default `true`. */
  readonly overlap?: boolean;
  /** Statics of the class: what it says of its settings. Default: nothing. */
  readonly settings?: KindClass['settings'];
  /** Statics of the class: validates the config. Default: nothing does. */
  readonly schema?: KindClass['schema'];
  /** The name of the class. Default `'MemoryConnection'`. */
  readonly name?: string;
}

/**
 * A kind that connects to nothing, and what it was made to do. Each one has a class, a log and a behaviour of its own.
 *
 * @example
 * const memory = memoryKind();
 * const hot = createConnections({ sources: [memorySource({ connections: { pets: {} } })], types: { memory: memory.Kind } });
 * memory.failNext();
 * await hot.connection('pets', { type: 'memory' }); // the second attempt
 */
export interface MemoryKind {
  /** The class, for `type` and `types`. */
  readonly Kind: KindClass<BaseConnection<MemoryInstance>>;
  /** Every instance that was ever opened. */
  readonly opened: readonly MemoryInstance[];
  /** The instances that are open now. */
  readonly open: readonly MemoryInstance[];
  /** The calls, in order: `connect 1`, `check 1`, `fail 2`, `abort 3`, `retire 1`, `disconnect 1`. */
  readonly log: readonly string[];
  /** Milliseconds that each `connect` takes, in real time. Default 0. */
  delay: number;
  /** Lets a `connect` go on after its signal has fired. Default `false`: it stops. */
  ignoreAbort: boolean;
  /** The behaviour of `disconnect`. Default `'closes'`. */
  disconnects: 'closes' | 'throws' | 'hangs';
  /** The error that `check` throws; `undefined`: it answers. */
  checkError: Error | undefined;
  /** The next `times` attempts fail with this error; its `category`, if it has one, is what `classify` says. */
  failNext(error?: unknown, times?: number): void;
  /** From now on each `connect` waits. What is returned lets them go on, and ends the waiting. */
  hang(): () => void;
}

/** Makes an in-memory kind, for tests of what is built on connections. */
export function memoryKind(options: MemoryKindOptions = {}): MemoryKind {
  const { overlap = true, settings, schema, name = 'MemoryConnection' } = options;
  const opened: (MemoryInstance & { closed: boolean })[] = [];
  const log: string[] = [];
  const failures: Error[] = [];
  let attempts = 0;
  let gate: Promise<void> | undefined;

  class MemoryConnection extends BaseConnection<MemoryInstance> {
    static override readonly overlap = overlap;

    protected override async connect(config: Config, { signal }: LeaseContext): Promise<MemoryInstance> {
      const attempt = ++attempts;
      log.push(`connect ${attempt}`);
      const wait = Promise.all([gate, memory.delay > 0 && new Promise((done) => setTimeout(done, memory.delay))]);
      await (memory.ignoreAbort ? wait : Promise.race([wait, aborted(signal)]));
      if (signal.aborted) log.push(`abort ${attempt}`);
      if (signal.aborted && !memory.ignoreAbort) signal.throwIfAborted();
      if (failures.length > 0) {
        log.push(`fail ${attempt}`);
        throw failures.shift()!;
      }
      const instance = { number: attempt, config, closed: false };
      opened.push(instance);
      return instance;
    }

    protected override check({ number }: MemoryInstance): void {
      log.push(`check ${number}`);
      if (memory.checkError !== undefined) throw memory.checkError;
    }

    protected override async disconnect(instance: MemoryInstance): Promise<void> {
      log.push(`disconnect ${instance.number}`);
      (instance as { closed: boolean }).closed = true;
      if (memory.disconnects === 'throws') throw new Error('disconnect was told to throw');
      if (memory.disconnects === 'hangs') await new Promise(() => undefined);
    }

    protected override retire({ number }: MemoryInstance): void {
      log.push(`retire ${number}`);
    }

    protected override classify(error: unknown): ErrorCategory | undefined {
      return (error as { category?: ErrorCategory } | undefined)?.category;
    }

    protected override pool({ closed }: MemoryInstance): PoolGauge {
      return { size: closed ? 0 : 1, used: 0, idle: closed ? 0 : 1, waiting: 0 };
    }
  }
  Object.defineProperty(MemoryConnection, 'name', { value: name });
  if (settings) Object.defineProperty(MemoryConnection, 'settings', { value: settings });
  if (schema) Object.defineProperty(MemoryConnection, 'schema', { value: schema });

  const memory: MemoryKind = {
    Kind: MemoryConnection,
    opened,
    log,
    get open() {
      return opened.filter(({ closed }) => !closed);
    },
    delay: 0,
    ignoreAbort: false,
    disconnects: 'closes',
    checkError: undefined,
    failNext(error = new Error('the server said no'), times = 1) {
      for (let left = times; left > 0; left--) failures.push(error as Error);
    },
    hang() {
      let release = (): void => undefined;
      const held = new Promise<void>((resolve) => (release = resolve));
      gate = held;
      return () => {
        if (gate === held) gate = undefined;
        release();
      };
    },
  };
  return memory;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
