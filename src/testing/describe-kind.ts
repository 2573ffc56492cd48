import { filter, firstValueFrom, timeout } from 'rxjs';
import {
  createConnections,
  HotlineError,
  type BaseConnection,
  type ConnectionEvent,
  type ConnectionRegistry,
  type KindClass,
  type PolicyOptions,
  type SecretTree,
} from '../index.ts';
import { memorySource, type MemorySource } from './memory-source.ts';
import { observed, type Observed } from './observed.ts';

/** The functions of a test runner that the suite needs: jest, vitest, or `node:test` with an `expect` of one matcher. */
export interface TestRunner {
  /** Groups tests. */
  readonly describe: (name: string, suite: () => void) => unknown;
  /** One test. */
  readonly it: (name: string, test: () => Promise<void>) => unknown;
  /** Compares by value. */
  readonly expect: (actual: unknown) => { toEqual(expected: unknown): unknown };
}

/** The runner, and what the kind needs to open. */
export interface KindSuite extends TestRunner {
  /** A section of the secrets with which it opens. Default: an empty one. */
  readonly config?: SecretTree;
  /** Another one with which it opens, to see a change. Default: the change is a `reset()`. */
  readonly other?: SecretTree;
  /** One with which it cannot open, to see how it fails. Default: that is not looked at. */
  readonly broken?: SecretTree;
}

const name = 'subject';
const categories = ['auth', 'transient', 'config', 'query', 'cancelled', 'timeout', undefined];
/** A round number of policies, none of which a kind should ever see. */
const policies: PolicyOptions = { ttl: '1h', idleTimeout: '1h', openTimeout: '20s', closeTimeout: '10s' };

/**
 * The contract that every kind keeps, as tests of your runner.
 *
 * @example
 * import { describe, it, expect } from 'vitest';
 * describeKind(ClockConnection, { describe, it, expect, config: { zone: 'UTC' }, other: { zone: 'CET' } });
 * @example
 * import assert from 'node:assert/strict';
 * import { describe, it } from 'node:test';
 * const expect = (actual: unknown) => ({ toEqual: (expected: unknown) => assert.deepEqual(actual, expected) });
 * describeKind(ClockConnection, { describe, it, expect });
 */
export function describeKind(kind: KindClass, suite: KindSuite): void {
  const { describe, it, expect, config = {}, other, broken } = suite;
  const stage = (run: (on: Stage) => Promise<void>) => () => onStage(kind, config, run);

  describe(`${kind.name} keeps the contract of a kind`, () => {
    it(
      'connects once, with a frozen config that has the params over the section and no policy in it',
      stage(async ({ hot, spy, open }) => {
        await Promise.all([open(), open(), hot.connection(name, { type: spy.Kind })]);
        const configs = spy.of('connect').map((call) => call.config);
        expect(configs.length).toEqual(1);
        expect(Object.isFrozen(configs[0])).toEqual(true);
        expect(Object.keys(configs[0] ?? {}).filter((key) => key in policies || key === 'type')).toEqual([]);
      }),
    );

    it(
      'knows each setting of its config',
      stage(async ({ open, events }) => {
        await open();
        expect(events.flatMap((event) => (event.type === 'warning' ? [event.message] : []))).toEqual([]);
      }),
    );

    it(
      'hands out what it opened, and answers a ping',
      stage(async ({ spy, open }) => {
        const connection = await open();
        const raw: unknown = await connection.use((given: unknown) => given);
        expect(raw === rawOf(spy.of('opened')[0]?.raw)).toEqual(true);
        await connection.ping();
        expect(spy.of('connect').length).toEqual(1);
      }),
    );

    it(
      'shows only those settings that it calls public',
      stage(async ({ open }) => {
        const { settings } = (await open()).describe();
        const shown = settings.filter(({ value }) => value !== '[redacted]').map(({ path }) => path);
        const isPublic = (path: string): boolean =>
          Object.entries(kind.settings ?? {}).some(
            ([key, setting]) => (setting.public ?? setting.shown) && (path === key || path.startsWith(`${key}.`)),
          );
        expect(shown.filter((path) => !isPublic(path))).toEqual([]);
      }),
    );

    it(
      'is disconnected exactly once for each instance, however often it is reset',
      stage(async ({ hot, spy, open }) => {
        const connection = await open();
        await connection.reset();
        await connection.use(() => undefined);
        await connection.reset();
        await hot.close();
        expect(allClosedOnce(spy)).toEqual(true);
        expect(spy.of('opened').length).toEqual(2);
      }),
    );

    it(
      kind.overlap === false
        ? 'is disconnected before the next instance is opened'
        : 'opens the next instance before the last one is disconnected',
      stage(async (on) => {
        const { source, spy, hot, open } = on;
        if (!other) return;
        await changed(on, await open(), () => source.section(name, other));
        await hot.close();
        const hooks = spy.calls.map(({ hook }) => hook).filter((hook) => hook !== 'disconnected');
        const order =
          kind.overlap === false
            ? ['connect', 'opened', 'disconnect', 'connect', 'opened', 'disconnect']
            : ['connect', 'opened', 'connect', 'opened', 'disconnect', 'disconnect'];
        // A kind may keep its instance over a change that does not concern it.
        expect(hooks.length === 3 ? 'kept' : hooks).toEqual(hooks.length === 3 ? 'kept' : order);
      }),
    );

    it(
      'serves through the same handle after a change',
      stage(async (on) => {
        const { source, spy, open } = on;
        const connection = await open();
        const before: unknown = await connection.use((raw: unknown) => raw);
        await (other ? changed(on, connection, () => source.section(name, other)) : connection.reset());
        const after: unknown = await connection.use((raw: unknown) => raw);
        const opened = spy.of('opened').map(({ raw }) => rawOf(raw));
        expect(opened[0] === before && opened.at(-1) === after).toEqual(true);
        // Two instances are two things: what is closed with one must not be in use with the other.
        expect(opened.length > 1 && before === after && typeof before === 'object').toEqual(false);
        expect((await open()) === connection).toEqual(true);
      }),
    );

    it(
      'leaves nothing behind when it is given up while it opens',
      stage(async ({ hot, spy, open }) => {
        const refused = open().then(
          () => undefined,
          (error: unknown) => (error as HotlineError).code,
        );
        await hot.close();
        expect(['closed', undefined].includes(await refused)).toEqual(true);
        expect(allClosedOnce(spy)).toEqual(true);
      }),
    );

    it(
      'classifies whatever it is shown, and never throws',
      stage(async ({ spy, open }) => {
        const connection = await open();
        const strange: unknown[] = [
          undefined,
          null,
          'text',
          7,
          {},
          new Error('?'),
          Object.create(null),
          new AggregateError([]),
        ];
        const said = strange.map((error) => spy.classify(connection, error));
        expect(said.filter((category) => !categories.includes(category))).toEqual([]);
      }),
    );

    if (broken)
      it('says why it cannot open, in an error that names the connection and shows no secret', () =>
        onStage(kind, broken, async ({ open }) => {
          const error = await open({ retry: { attempts: 1 } }).then(
            () => undefined,
            (thrown: unknown) => thrown,
          );
          expect(error instanceof HotlineError).toEqual(true);
          const { connection, category, message, cause } = error as HotlineError;
          expect([connection, categories.includes(category)]).toEqual([name, true]);
          const text = `${message} ${(cause as Error | undefined)?.message}`;
          expect(secretsOf(broken, kind).filter((secret) => text.includes(secret))).toEqual([]);
        }));
  });
}

interface Stage {
  readonly hot: ConnectionRegistry;
  readonly source: MemorySource;
  readonly spy: Observed;
  readonly events: readonly ConnectionEvent[];
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a kind of any raw resource
  readonly open: (policies?: PolicyOptions) => Promise<BaseConnection<any>>;
}

async function onStage(kind: KindClass, config: SecretTree, run: (stage: Stage) => Promise<void>): Promise<void> {
  const source = memorySource({ connections: { [name]: config } });
  const hot = createConnections({ sources: [source], ...policies });
  const spy = observed(kind);
  const events: ConnectionEvent[] = [];
  hot.events$.subscribe((event) => events.push(event));
  try {
    const open = (more: PolicyOptions = {}) => hot.connection(name, { type: spy.Kind, ttl: '1h', ...more });
    await run({ hot, source, spy, events, open });
  } finally {
    await hot.close({ timeout: 10_000 });
  }
}

/** Makes a change and waits until the connection is at rest again. */
async function changed({ hot }: Stage, connection: BaseConnection<unknown>, change: () => void): Promise<void> {
  const seen = firstValueFrom(hot.events$.pipe(filter(({ type }) => type === 'config.changed')));
  change();
  await seen;
  await new Promise((done) => setImmediate(done));
  const atRest$ = connection.status$.pipe(filter(({ state }) => state !== 'opening' && state !== 'replacing'));
  await firstValueFrom(atRest$.pipe(timeout(20_000)));
}

/** The part that `use` passes: of a query kind, the `raw` of its driver. */
function rawOf(opened: unknown): unknown {
  const driver = opened as { readonly raw?: unknown; readonly openCursor?: unknown } | undefined;
  return typeof driver?.openCursor === 'function' ? driver.raw : opened;
}

/** Tells whether everything that was opened was disconnected exactly once. */
function allClosedOnce(spy: Observed): boolean {
  const closed = spy.of('disconnect').map(({ raw }) => raw);
  const opened = spy.of('opened').map(({ raw }) => raw);
  return closed.length === opened.length && opened.every((raw) => closed.includes(raw));
}

/** The values that its kind does not call public, where they are long enough to be told from other text. */
function secretsOf(config: SecretTree, { settings = {} }: KindClass): string[] {
  return Object.entries(config).flatMap(([key, value]) =>
    typeof value === 'string' && value.length >= 6 && settings[key]?.public !== true ? [value] : [],
  );
}
