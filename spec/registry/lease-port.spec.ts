import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, describe, expect, it } from '@jest/globals';
import { EMPTY, firstValueFrom, NEVER, of, throwError, type ObservableInput } from 'rxjs';
import { BaseConnection, OpenError, type HotlineError, type LeaseMessage } from 'hotline';
import type { MemoryInstance } from 'hotline/testing';
import { settled } from './support/clock.ts';
import { codeOf, stage, type Stage } from './support/stage.ts';

let on: Stage;
afterEach(async () => {
  const closed = on.hot.close();
  await on.clock.pass(60_000);
  await closed;
  expect(on.hot.stats('pets').leases).toBe(0);
});

const pets = (): Promise<BaseConnection<MemoryInstance>> => on.hot.connection('pets') as never;
const leases = (): number => on.hot.stats('pets').leases;

describe('use', () => {
  it('resolves with what the function returns, now or later', async () => {
    on = stage();
    const connection = await pets();
    expect(await connection.use((raw) => raw.number)).toBe(1);
    expect(await connection.use(async (raw) => raw.number + 1)).toBe(2);
    expect(leases()).toBe(0);
  });

  it.each([undefined, null, 5, {}])('refuses %p where a function should be', async (work) => {
    on = stage();
    const connection = await pets();
    await expect(connection.use(work as never)).rejects.toMatchObject({ code: 'invalid_argument', connection: 'pets' });
    expect(leases()).toBe(0);
  });

  it('rejects with what it throws, now or later, as it is', async () => {
    on = stage();
    const connection = await pets();
    const mine = new Error('mine');
    const now = connection.use(() => {
      throw mine;
    });
    await expect(now).rejects.toBe(mine);
    await expect(connection.use(() => Promise.reject(mine))).rejects.toBe(mine);
    expect(leases()).toBe(0);
  });

  it('opens what is not open, and the opening of a failed one is its error', async () => {
    on = stage(undefined, { retry: { attempts: 1 } });
    const connection = await pets();
    await connection.reset();
    on.memory.failNext();
    expect(await codeOf(connection.use(() => 1))).toBe('open_failed');
    expect(await connection.use((raw) => raw.number)).toBe(3);
  });

  it('ends with its signal: the call at once, the lease with the work', async () => {
    on = stage();
    const connection = await pets();
    const stop = new AbortController();
    let seen: AbortSignal | undefined;
    let finish = (): void => undefined;
    const code = codeOf(
      connection.use((_raw, { signal }) => ((seen = signal), new Promise<void>((done) => (finish = done))), stop),
    );
    await settled();
    stop.abort();
    expect(await code).toBe('cancelled');
    expect([seen?.aborted, leases()]).toEqual([true, 1]);
    finish();
    await settled();
    expect(leases()).toBe(0);
  });

  it('with a signal that has fired already does nothing', async () => {
    on = stage();
    const connection = await pets();
    let ran = false;
    expect(await codeOf(connection.use(() => (ran = true), { signal: AbortSignal.abort() }))).toBe('cancelled');
    expect(ran).toBe(false);
  });

  it('ends with its timeout, which counts the wait', async () => {
    on = stage();
    const release = on.memory.hang();
    const connection = on.hot.connection('pets', { openTimeout: Infinity });
    await settled();
    release();
    const handle = await connection;
    await handle.reset();
    on.memory.hang();
    const code = codeOf(handle.use(() => 1, { timeout: 50 }));
    await on.clock.pass(49);
    expect(on.hot.stats('pets', { openTimeout: Infinity }).subscribers).toBe(1);
    await on.clock.pass(1);
    expect(await code).toBe('timeout');
    expect(on.hot.stats('pets').subscribers).toBe(0);
  });

  it.each([-1, NaN])('refuses a timeout of %p', async (timeout) => {
    on = stage();
    const connection = await pets();
    expect(await codeOf(connection.use(() => 1, { timeout: timeout as never }))).toBe('invalid_argument');
  });

  it('takes Infinity and undefined for no timeout', async () => {
    on = stage();
    const connection = await pets();
    expect(await connection.use(() => 1, { timeout: Infinity, signal: undefined })).toBe(1);
    expect(on.clock.timers).toBe(0);
  });
});

describe('ping', () => {
  it('checks the instance that is there', async () => {
    on = stage();
    await (await pets()).ping();
    expect(on.memory.log).toEqual(['connect 1', 'check 1', 'check 1']);
  });

  it('opens one where there is none', async () => {
    on = stage();
    const connection = await pets();
    await connection.reset();
    await connection.ping();
    expect(on.memory.opened).toHaveLength(2);
  });

  it('says what is wrong in one of our errors, without a secret', async () => {
    on = stage({ pets: { type: 'memory', password: 'correct horse' } });
    const connection = await pets();
    on.memory.checkError = Object.assign(new Error('refused correct horse'), { category: 'auth' });
    const error = await connection.ping().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'auth_failed',
      connection: 'pets',
      message: '"pets" does not answer: refused [redacted]',
    });
  });
});

describe('a ping that fails', () => {
  const lost = (category: string): Error => Object.assign(new Error('lost'), { category });

  it('has what is in use replaced by one that answers; nothing is taken away before that', async () => {
    on = stage(undefined, { retry: { attempts: 1, minDelay: 50, maxDelay: 50, jitter: 'none' } });
    const interest = on.hot.connection$('pets').subscribe();
    await settled();
    on.memory.checkError = lost('transient');
    expect(await codeOf((await pets()).ping())).toBe('open_failed');
    await settled();
    expect(await (await pets()).use((raw) => [raw.number, raw.closed])).toEqual([1, false]);
    on.memory.checkError = undefined;
    await on.clock.pass(50);
    expect(await (await pets()).use((raw) => raw.number)).toBe(3);
    expect(on.told('instance.retired', 'instance.closed')).toEqual([
      'instance.closed 2',
      'instance.retired 1 failed',
      'instance.closed 1',
    ]);
    interest.unsubscribe();
  });

  it('closes what nobody uses: the next one opens anew', async () => {
    on = stage();
    on.memory.checkError = undefined;
    const connection = await pets();
    on.memory.checkError = lost('transient');
    expect(await codeOf(connection.ping())).toBe('open_failed');
    on.memory.checkError = undefined;
    await settled();
    expect(await connection.use((raw) => raw.number)).toBeGreaterThan(1);
    expect(on.memory.open).toHaveLength(1);
  });

  it('replaces nothing where that cannot help: refused, busy, or given up by who asked', async () => {
    on = stage();
    const connection = await pets();
    for (const category of ['auth', 'config', 'timeout', 'query']) {
      on.memory.checkError = lost(category);
      await codeOf(connection.ping());
    }
    on.memory.checkError = lost('transient');
    expect(await codeOf(connection.ping({ signal: AbortSignal.abort() }))).toBe('cancelled');
    await settled();
    expect(on.memory.opened).toHaveLength(1);
    expect(on.told('instance.retired')).toEqual([]);
  });
});

describe('use$', () => {
  it('runs under one lease, and again on every new instance', async () => {
    on = stage();
    const seen: unknown[] = [];
    const subscription = (await pets()).use$((raw) => [raw.number]).subscribe((value) => seen.push(value));
    await settled();
    on.source.section('pets', { type: 'memory', size: 2 });
    await settled();
    subscription.unsubscribe();
    expect(seen).toEqual([1, 2]);
  });

  it('gives its lease back when its stream ends, or is left', async () => {
    on = stage();
    const connection = await pets();
    for (const inner of [EMPTY, NEVER, of(1), Promise.resolve(1)] as ObservableInput<unknown>[]) {
      const subscription = connection.use$(() => inner).subscribe();
      await settled();
      subscription.unsubscribe();
      expect(leases()).toBe(0);
    }
  });

  it('errors with what the project throws, or its stream does', async () => {
    on = stage();
    const connection = await pets();
    const mine = new Error('mine');
    const errors: unknown[] = [];
    const throwing = (): never => {
      throw mine;
    };
    for (const project of [throwing, () => throwError(() => mine), () => Promise.reject(mine)])
      connection.use$(project as () => ObservableInput<never>).subscribe({ error: (error) => errors.push(error) });
    await settled();
    expect(errors).toEqual([mine, mine, mine]);
    expect(leases()).toBe(0);
  });

  it('may be left inside its own value', async () => {
    on = stage();
    const connection = await pets();
    const seen: number[] = [];
    const subscription = connection
      .use$(() => [1, 2, 3])
      .subscribe((value) => {
        seen.push(value);
        subscription.unsubscribe();
      });
    await settled();
    expect([seen, leases()]).toEqual([[1], 0]);
  });
});

describe('promise 22: a lease inside a lease', () => {
  it('of a kind that can overlap is served', async () => {
    on = stage();
    const connection = await pets();
    const inner = connection.use(async () => {
      await connection.reset();
      return connection.use((raw) => raw.number);
    });
    expect(await inner).toBe(2);
  });

  it('of a kind that cannot is served as long as it need not wait', async () => {
    on = stage(undefined, { kind: { overlap: false } });
    const connection = await pets();
    expect(await connection.use(() => connection.use((raw) => raw.number))).toBe(1);
  });

  it('that would wait for itself is an error, not a deadlock', async () => {
    on = stage(undefined, { kind: { overlap: false } });
    const connection = await pets();
    const codes = connection.use(async () => {
      await connection.reset();
      const again = on.hot.connection('pets');
      return Promise.all([codeOf(connection.use(() => 1)), codeOf(again), codeOf(connection.ping())]);
    });
    expect(await codes).toEqual(['nested_lease', 'nested_lease', 'nested_lease']);
    expect(await connection.use((raw) => raw.number)).toBe(2);
  });

  it('of another connection is nobody’s business', async () => {
    on = stage({ pets: { type: 'memory' }, cats: { type: 'memory' } }, { kind: { overlap: false } });
    const [connection, cats] = [await pets(), (await on.hot.connection('cats')) as BaseConnection<MemoryInstance>];
    await cats.reset();
    expect(await connection.use(() => cats.use((raw) => raw.number))).toBe(3);
  });
});

describe('a kind that cannot overlap', () => {
  it('drains, disconnects, connects; newcomers wait', async () => {
    on = stage(undefined, { kind: { overlap: false } });
    const connection = await pets();
    let finish = (): void => undefined;
    const working = connection.use(() => new Promise<void>((done) => (finish = done)));
    on.source.section('pets', { type: 'memory', size: 2 });
    await settled();
    const waiting = connection.use((raw) => raw.number);
    await settled();
    expect(on.memory.log.slice(2)).toEqual(['retire 1']);
    finish();
    await working;
    expect(await waiting).toBe(2);
    expect(on.memory.log.slice(2)).toEqual(['retire 1', 'disconnect 1', 'connect 2', 'check 2']);
  });
});

describe('hotline:lease', () => {
  it('is told of each lease that has ended, while somebody listens', async () => {
    on = stage();
    const connection = await pets();
    const messages: unknown[] = [];
    const listen = (message: unknown): void => void messages.push(message);
    subscribe('hotline:lease', listen);
    const startedAt = on.clock.now();
    await connection.use(() => on.clock.pass(30));
    await codeOf(connection.use(() => Promise.reject(new Error('mine'))));
    unsubscribe('hotline:lease', listen);
    await connection.use(() => 1);
    expect(messages).toEqual([
      { id: 'pets', connection: 'pets', generation: 1, startedAt, waited: 0, held: 30 },
      { id: 'pets', connection: 'pets', generation: 1, startedAt: startedAt + 30, waited: 0, held: 0 },
    ] satisfies LeaseMessage[]);
  });
});

describe('credentials that are refused when an instance is opened again (promise 24)', () => {
  let refusing = false;
  class Guarded extends BaseConnection<string> {
    protected connect(): string {
      if (refusing) throw new OpenError('auth_failed', 'refused');
      return 'open';
    }
  }
  const start = async (): Promise<BaseConnection<string>> => {
    refusing = false;
    on = stage({ pets: { idle_timeout: '1s', retry: { attempts: 1, max_delay: '500ms', jitter: 'none' } } });
    return on.hot.connection('pets', { type: Guarded });
  };

  it('are tried again for those who wait, until the server takes them', async () => {
    const connection = await start();
    await on.clock.pass(2000);
    refusing = true;
    const uses = Promise.all([connection.use((raw) => raw), connection.use((raw) => raw)]);
    const first = firstValueFrom(on.hot.connection$('pets', { type: Guarded }));
    await on.clock.pass(1000);
    const tried = on.told('instance.opening').length;
    expect(tried).toBeLessThan(10);
    refusing = false;
    await on.clock.pass(600);
    expect(await uses).toEqual(['open', 'open']);
    expect(await first).toBe(connection);
  });

  it('fail after five seconds, and at once where no instance ever served', async () => {
    const connection = await start();
    await on.clock.pass(2000);
    refusing = true;
    const code = codeOf(connection.use((raw) => raw));
    expect(await codeOf(on.hot.connection('cats', { type: Guarded, params: {} }))).toBe('auth_failed');
    let said: unknown;
    void code.then((found) => (said = found));
    const errors: unknown[] = [];
    const error = (thrown: HotlineError): void => void errors.push(thrown.code);
    on.hot.connection$('pets', { type: Guarded }).subscribe({ error });
    on.hot.connection$('dogs', { type: Guarded, params: {} }).subscribe({ error });
    await on.clock.pass(1);
    expect(errors).toEqual(['auth_failed']);
    await on.clock.pass(4900);
    expect([said, errors]).toEqual([undefined, ['auth_failed']]);
    await on.clock.pass(200);
    expect([said, errors]).toEqual(['auth_failed', ['auth_failed', 'auth_failed']]);
  });

  it('are tried again for nobody who has left', async () => {
    await start();
    await on.clock.pass(2000);
    refusing = true;
    const subscription = on.hot.connection$('pets', { type: Guarded }).subscribe();
    await on.clock.pass(100);
    subscription.unsubscribe();
    const tried = on.told('instance.opening').length;
    await on.clock.pass(6000);
    expect(on.told('instance.opening')).toHaveLength(tried);
  });
});
