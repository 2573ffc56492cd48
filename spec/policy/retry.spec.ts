import { describe, expect, it } from '@jest/globals';
import { createConnections, inline, tomlFile, type CreateConnectionsOptions } from '../../src/index.ts';
import { memoryKind } from '../../src/testing/index.ts';
import { backOff, readRetry } from '../../src/policy/index.ts';
import { DriverError, memoryConnection } from '../support/memory-query-kind.ts';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

describe('readRetry', () => {
  it('reads what is said, in milliseconds, and leaves the attempts open', () => {
    expect(readRetry({}, 'code', 'retry')).toEqual({ minDelay: 100, maxDelay: 5000, jitter: 'full' });
    expect(readRetry({ attempts: Infinity, minDelay: '1s', jitter: 'none' }, 'code', 'retry')).toEqual({
      attempts: Infinity,
      minDelay: 1000,
      maxDelay: 5000,
      jitter: 'none',
    });
    expect(readRetry(false, 'code', 'retry')).toMatchObject({ attempts: 1 });
  });

  it('reads a file in its own spelling, and texts where there are only texts', () => {
    const said = { attempts: '5', min_delay: '1s', maxDelay: '2s' };
    expect(readRetry(said, 'file', 'retry')).toMatchObject({ attempts: 5, minDelay: 1000, maxDelay: 2000 });
    expect(readRetry({ attempts: 'Infinity' }, 'file', 'retry')).toMatchObject({ attempts: Infinity });
  });
});

const wrong: readonly (readonly [string, unknown])[] = [
  ['retry', 5],
  ['retry', null],
  ['retry', true],
  ['retry', 'often'],
  ['retry', [3]],
  ['attempts', { attempts: 0 }],
  ['attempts', { attempts: -1 }],
  ['attempts', { attempts: 1.5 }],
  ['attempts', { attempts: NaN }],
  ['attempts', { attempts: Symbol('x') }],
  ['minDelay', { minDelay: -1 }],
  ['minDelay', { minDelay: NaN }],
  ['minDelay', { minDelay: Infinity }],
  ['minDelay', { minDelay: 'soon' }],
  ['maxDelay', { maxDelay: {} }],
  ['jitter', { jitter: 'some' }],
  ['Did you mean "attempts"', { attemps: 3 }],
  ['Did you mean "minDelay"', { min_delay: 3 }],
  ['There is attempts, minDelay', { unheardOf: 3 }],
];

describe('retry at each door', () => {
  it.each(wrong)('the registry says what is wrong: %s', (what, retry) => {
    expect(() => createConnections({ sources: [], retry } as CreateConnectionsOptions)).toThrow(
      expect.objectContaining({ code: 'invalid_policy', message: expect.stringContaining(what) }),
    );
  });

  it.each(wrong)('a call says what is wrong: %s', async (what, retry) => {
    const hot = createConnections({ sources: [], types: { memory: memoryKind().Kind } });
    await expect(hot.connection('memory', { retry: retry as object })).rejects.toMatchObject({
      code: 'invalid_policy',
      connection: 'memory',
      message: expect.stringContaining(what),
    });
    await hot.close();
  });

  it.each(wrong)('a transaction says what is wrong: %s', async (what, retry) => {
    const { connection } = memoryConnection();
    await expect(connection.transaction(() => 1, { retry: retry as object })).rejects.toMatchObject({
      code: 'invalid_policy',
      connection: 'pets',
      message: expect.stringContaining(what),
    });
  });

  it.each(wrong)('a query says what is wrong: %s', async (what, retry) => {
    const { connection } = memoryConnection();
    await expect(connection.query('select', { retry: retry as object })).rejects.toMatchObject({
      code: 'invalid_policy',
      connection: 'pets',
      message: expect.stringContaining(what),
    });
  });

  it('an execute has none, because it is sent once, and says so', async () => {
    const { connection } = memoryConnection();
    const refused = { code: 'invalid_argument', connection: 'pets', message: expect.stringContaining('retry') };
    const retry = { attempts: 3 };
    await expect(connection.execute('delete', { retry } as object)).rejects.toMatchObject(refused);
  });

  it('a section may say it in snake_case, and says where it is wrong', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hotline-retry-'));
    const file = join(folder, 'secrets.toml');
    const memory = memoryKind();
    const head = '[connections.pets]\ntype = "memory"\n';
    await writeFile(file, `${head}retry = { attempts = 5, min_delay = "1ms", max_delay = "2ms", jitter = "none" }\n`);
    const hot = createConnections({ sources: [tomlFile(file)], types: { memory: memory.Kind } });
    memory.failNext(new Error('no'), 4);
    await hot.connection('pets');
    expect(memory.log.filter((line) => line.startsWith('connect'))).toHaveLength(5);
    await writeFile(file, `${head.replace('pets', 'cats')}retry = { min_dely = "1ms" }\n`);
    await hot.reload();
    await expect(hot.connection('cats')).rejects.toMatchObject({
      code: 'invalid_policy',
      message: expect.stringContaining('Did you mean "minDelay"?'),
    });
    await hot.close();
    await rm(folder, { recursive: true });
  });

  it('one attempt is written the same way for a connection and for a query', async () => {
    const memory = memoryKind();
    const hot = createConnections({ sources: [inline({})], types: { memory: memory.Kind } });
    memory.failNext(new Error('no'), 1);
    await expect(hot.connection('memory', { retry: false, size: 1 })).rejects.toMatchObject({ code: 'open_failed' });
    await hot.close();
  });

  it('spread is a policy in a section as well', async () => {
    const memory = memoryKind({ settings: { size: {} } });
    const pets = { type: 'memory', size: 1, spread: '0s' };
    const hot = createConnections({ sources: [inline({ connections: { pets } })], types: { memory: memory.Kind } });
    const warnings: unknown[] = [];
    hot.events$.subscribe((event) => event.type === 'warning' && warnings.push(event));
    await hot.connection('pets');
    expect([warnings, Object.keys(memory.opened[0]!.config)]).toEqual([[], ['size']]);
    await hot.close();
  });
});

describe('a read that is tried again', () => {
  it('settles whatever the delays are', async () => {
    for (const retry of [{ minDelay: 0 }, { minDelay: 0, maxDelay: 0 }, { maxDelay: Infinity, minDelay: 1 }]) {
      const { connection, server } = memoryConnection();
      server.answer = () => {
        throw new DriverError('gone', 'transient');
      };
      const failed = connection.query('select', { timeout: 50, retry });
      await expect(failed).rejects.toMatchObject({ connection: 'pets' });
      expect(server.sent.length).toBeGreaterThan(1);
    }
  });
});

describe('backOff', () => {
  const delays = { minDelay: 100, maxDelay: 5000, jitter: 'full' } as const;

  it('doubles up to a limit, of which it takes a share', () => {
    expect([1, 2, 3, 10].map((failures) => backOff(failures, delays, 1))).toEqual([100, 200, 400, 5000]);
    expect(backOff(3, delays, 0.25)).toBe(100);
    expect(backOff(3, { ...delays, jitter: 'none' }, 0.25)).toBe(400);
  });

  it('is a number after any number of failures', () => {
    for (const failures of [1, 1e3, 1e9])
      for (const minDelay of [0, 1])
        for (const random of [0, 0.5, 1])
          expect(backOff(failures, { minDelay, maxDelay: Infinity, jitter: 'full' }, random)).toBeGreaterThanOrEqual(0);
  });
});
