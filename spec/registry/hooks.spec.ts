import type { StandardSchemaV1 } from '@standard-schema/spec';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  BaseConnection,
  ConfigError,
  createConnections,
  type Config,
  type ConnectionRegistry,
  type ErrorCategory,
  type HotlineError,
} from 'hotline';
import { memorySource } from 'hotline/testing';
import { spreadOffset } from '../../src/registry/registry.ts';
import { Clock } from './support/clock.ts';

class Plain extends BaseConnection<object> {
  protected connect(_config: Config): object | Promise<object> {
    return {};
  }
}

function throwing(): never {
  throw new Error('expiresAt');
}

describe('a kind and its mistakes', () => {
  let hot: ConnectionRegistry;
  const source = memorySource({ connections: { pets: { size: 1, password: 'correct horse' } } });
  const open = async (type: typeof Plain): Promise<BaseConnection<object>> => {
    source.section('pets', { size: 1, password: 'correct horse' });
    hot = createConnections({ sources: [source], retry: { attempts: 1 } });
    return hot.connection('pets', { type });
  };
  const settled = (): Promise<void> => new Promise((done) => setTimeout(done, 20));
  afterEach(() => hot.close());

  it('classify that throws: the error counts as transient', async () => {
    class Throwing extends Plain {
      protected override connect(): object {
        throw new Error('down');
      }
      protected override classify(): ErrorCategory {
        throw new Error('classify');
      }
    }
    await expect(open(Throwing)).rejects.toMatchObject({
      code: 'open_failed',
      category: 'transient',
      message: '"pets" could not be opened: down. The settings are from memory.',
    });
  });

  it.each([
    ['auth', 'auth_failed'],
    ['timeout', 'open_timeout'],
    ['config', 'open_failed'],
    [undefined, 'open_failed'],
  ] as const)('what connect throws is one of ours, by its category %s', async (category, code) => {
    class Refused extends Plain {
      protected override connect(): object {
        throw Object.assign(new Error('refused correct horse'), { sqlState: '28000', password: 'correct horse' });
      }
      protected override classify(): ErrorCategory | undefined {
        return category;
      }
    }
    const error = await open(Refused).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code,
      category: category ?? 'transient',
      connection: 'pets',
      message: '"pets" could not be opened: refused [redacted]. The settings are from memory.',
    });
    expect((error as Error).cause).toMatchObject({ message: 'refused [redacted]', sqlState: '28000' });
    expect(Object.keys((error as { cause: object }).cause)).not.toContain('password');
  });

  it.each([
    [undefined],
    [null],
    ['text'],
    [7],
    [Object.create(null)],
    [
      {
        toString: () => {
          throw new Error('no');
        },
      },
    ],
  ])('connect may throw anything: %#', async (thrown) => {
    class Strange extends Plain {
      protected override connect(): Promise<object> {
        return Promise.reject(thrown);
      }
    }
    await expect(open(Strange)).rejects.toMatchObject({ code: 'open_failed', connection: 'pets' });
  });

  it('an error of ours keeps its code, and learns the name of the connection', async () => {
    class Missing extends Plain {
      protected override connect(): object {
        throw new ConfigError('missing_driver', 'npm install clock');
      }
    }
    await expect(open(Missing)).rejects.toMatchObject({
      name: 'ConfigError',
      code: 'missing_driver',
      connection: 'pets',
      message: '"pets": npm install clock',
    });
  });

  it('retire, keeps and pool that throw stop nothing', async () => {
    const closed: object[] = [];
    class Clumsy extends Plain {
      protected override retire(): never {
        throw new Error('retire');
      }
      protected override keeps(): never {
        throw new Error('keeps');
      }
      protected override pool(): never {
        throw new Error('pool');
      }
      protected override disconnect(raw: object): void {
        closed.push(raw);
      }
    }
    const connection = await open(Clumsy);
    const before = await connection.use((raw) => raw);
    expect(hot.stats('pets', { type: Clumsy })).toEqual({ leases: 0, subscribers: 0 });
    source.section('pets', { size: 2 });
    await settled();
    expect(await connection.use((raw) => raw)).not.toBe(before);
    expect(closed).toEqual([before]);
  });

  it('a retire that rejects later does not take the process down', async () => {
    class Late extends Plain {
      protected override retire(): void {
        return Promise.reject(new Error('late')) as never;
      }
    }
    await (await open(Late)).reset();
    await settled();
  });

  it('keeps what it says it keeps', async () => {
    class Keeping extends Plain {
      protected override keeps(before: Config, after: Config): boolean {
        return before['password'] === after['password'];
      }
    }
    const connection = await open(Keeping);
    const before = await connection.use((raw) => raw);
    source.section('pets', { size: 2, password: 'correct horse' });
    await settled();
    expect(await connection.use((raw) => raw)).toBe(before);
  });

  it('a schema makes the config, and what it refuses is one error without a secret', async () => {
    const seen: Config[] = [];
    const schema = (issues?: StandardSchemaV1.Issue[]): StandardSchemaV1 => ({
      '~standard': {
        version: 1,
        vendor: 'spec',
        validate: (value) => (issues ? { issues } : { value: { ...(value as object), size: 'made' } }),
      },
    });
    class Made extends Plain {
      static override readonly schema = schema();
      protected override connect(config: Config): object {
        seen.push(config);
        return {};
      }
    }
    class Refusing extends Plain {
      static override readonly schema = schema([
        { message: 'is not correct horse', path: ['size', { key: 'x' }] },
        { message: 'too many' },
      ]);
    }
    await open(Made);
    expect([seen[0]?.['size'], Object.isFrozen(seen[0])]).toEqual(['made', true]);
    await hot.close();
    await expect(open(Refusing)).rejects.toMatchObject({
      ...{ code: 'invalid_config', connection: 'pets', retryable: false },
      message: '"pets": size.x: is not [redacted]; too many. The settings are from memory.',
    });
  });

  it.each([
    ['a date', (at: number): Date => new Date(at)],
    ['milliseconds', (at: number): number => at],
  ])('expiresAt as %s: connect gets new credentials ahead of it, each process at its own place', async (_what, as) => {
    const firstRenewal = async (instance: string): Promise<number> => {
      const clock = new Clock();
      const given: number[] = [];
      class Token extends BaseConnection<{ readonly until: number }> {
        protected connect(): { readonly until: number } {
          given.push(clock.now());
          return { until: clock.now() + 60_000 };
        }
        protected override expiresAt({ until }: { readonly until: number }): Date | number {
          return as(until);
        }
      }
      hot = createConnections({ sources: [source], scheduler: clock, spread: '10s', instance });
      const interest = hot.connection$('pets', { type: Token }).subscribe();
      await clock.pass(50_000);
      interest.unsubscribe();
      const closed = hot.close();
      await clock.pass(60_000);
      await closed;
      expect(given).toHaveLength(2);
      return given[1]! - given[0]!;
    };
    for (const name of ['web-1', 'web-2', 'web-3'])
      expect(await firstRenewal(name)).toBeCloseTo(48_000 - spreadOffset(name, 'pets') * 10_000, 0);
  });

  const saying = (say: () => unknown, ends: string[] = []) =>
    class extends Plain {
      protected override expiresAt(): Date | undefined {
        return say() as Date | undefined;
      }
      protected override disconnect(): void {
        ends.push('closed');
      }
    };

  it.each<[string, () => unknown]>([
    ['throws', throwing],
    ['is undefined', () => undefined],
    ['is null', () => null],
    ['is Infinity', () => Infinity],
  ])('expiresAt that %s is never: the instance stays', async (_, say) => {
    const connection = await open(saying(say));
    expect(await connection.use((raw) => raw)).toEqual({});
  });

  const inAnHour = (): number => Date.now() + 3_600_000;
  it.each<[string, () => unknown, string, string]>([
    ['seconds', () => Math.round(inAnHour() / 1000), 'invalid_config', 'Multiply it by 1000'],
    ['a Date of seconds', () => new Date(inAnHour() / 1000), 'invalid_config', 'Multiply it by 1000'],
    ['NaN', () => NaN, 'invalid_config', 'got NaN'],
    ['an invalid Date', () => new Date('soon'), 'invalid_config', 'got an invalid Date'],
    ['a text', () => new Date(inAnHour()).toISOString(), 'invalid_config', 'got string'],
    ['a number as text', () => String(inAnHour()), 'invalid_config', 'got string'],
    ['a bigint', () => BigInt(inAnHour()), 'invalid_config', 'got bigint'],
    ['an object', () => ({}), 'invalid_config', 'got object'],
    ['a past Date', () => new Date(Date.now() - 1000), 'auth_failed', 'the credentials ended before'],
    ['past milliseconds', () => Date.now() - 1000, 'auth_failed', 'the credentials ended before'],
    ['0', () => 0, 'auth_failed', 'the credentials ended before'],
    ['-Infinity', () => -Infinity, 'auth_failed', 'the credentials ended before'],
  ])('expiresAt as %s is one clear error, and what was opened is closed', async (_, say, code, message) => {
    const ends: string[] = [];
    const error = (await open(saying(say, ends)).catch((thrown: unknown) => thrown)) as HotlineError;
    expect(error).toMatchObject({ code, connection: 'pets', retryable: false });
    expect(error.message).toContain(`"pets": expiresAt: `);
    expect(error.message).toContain(message);
    await settled();
    expect(ends).toEqual(['closed']);
  });

  it('a raw of undefined or null is a value like any other (2.G 115)', async () => {
    class Nothing extends Plain {
      protected override connect(): object {
        return undefined as never;
      }
    }
    const connection = await open(Nothing);
    expect(await connection.use((raw) => raw)).toBeUndefined();
    await connection.ping();
    expect(hot.stats('pets', { type: Nothing })).toMatchObject({ leases: 0 });
  });
});
