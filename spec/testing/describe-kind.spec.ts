import { deepEqual } from 'node:assert/strict';
import { describe, expect, it } from '@jest/globals';
import { BaseConnection, SqlConnection, type Config, type ErrorCategory, type KindClass } from 'hotline';
import { describeKind, memoryKind, type KindSuite } from 'hotline/testing';

const suite = { describe, it, expect, config: { size: 1 }, other: { size: 2 } };
describeKind(memoryKind().Kind, suite);
describeKind(memoryKind({ name: 'LoneConnection', overlap: false }).Kind, suite);
describeKind(memoryKind({ name: 'PlainConnection' }).Kind, { describe, it, expect });
describeKind(SqlConnection, {
  ...{ describe, it, expect },
  config: { url: 'sqlite://:memory:' },
  broken: {
    dialect: 'postgresql',
    host: '127.0.0.1',
    port: 1,
    username: 'ann',
    password: 'correct horse',
    database: 'd',
  },
});

describe('describeKind', () => {
  it('works with a runner that has one matcher, and asks nothing else of it', async () => {
    expect(await broken(memoryKind().Kind)).toEqual([]);
  });

  it('sees an instance that is not what connect returned', async () => {
    class Wrapping extends Plain {
      override use<T>(fn: (raw: object, context: never) => T | PromiseLike<T>): Promise<T> {
        return super.use((_raw, context) => fn({}, context as never));
      }
    }
    expect(await broken(Wrapping)).toEqual([
      'hands out what it opened, and answers a ping',
      'serves through the same handle after a change',
    ]);
  });

  it('sees a setting that the kind does not know', async () => {
    class Narrow extends Plain {
      static override readonly settings = { length: {} };
    }
    expect(await broken(Narrow)).toEqual(['knows each setting of its config']);
  });

  it('sees a kind that does not answer its ping', async () => {
    class Mute extends Plain {
      #checks = 0;
      protected override check(): void {
        if (this.#checks++ > 0) throw new Error('no answer');
      }
    }
    expect(await broken(Mute)).toContain('hands out what it opened, and answers a ping');
  });

  it('sees a kind that classifies with a word of its own, or throws while it does', async () => {
    class Odd extends Plain {
      protected override classify(): ErrorCategory {
        return 'oops' as ErrorCategory;
      }
    }
    class Throwing extends Plain {
      protected override classify(error: unknown): ErrorCategory {
        return (error as { category: ErrorCategory }).category;
      }
    }
    expect(await broken(Odd)).toEqual(['classifies whatever it is shown, and never throws']);
    expect(await broken(Throwing)).toEqual(['classifies whatever it is shown, and never throws']);
  });

  it('sees a kind that shares one instance between two openings', async () => {
    const only = {};
    class Sharing extends Plain {
      protected override connect(): object {
        return only;
      }
    }
    expect(await broken(Sharing)).toContain('serves through the same handle after a change');
  });

  it('is content with a kind that quotes its secret, because hotline scrubs it', async () => {
    class Telling extends Plain {
      protected override connect(config: Config): object {
        if (config['token']) throw new Error(`refused ${config['token'] as string}`);
        return {};
      }
    }
    expect(await broken(Telling, { broken: { token: 'very secret' } })).toEqual([]);
  });

  it('sees a kind that opens with settings that should not do', async () => {
    expect(await broken(Plain, { broken: { size: 3 } })).toEqual([
      'says why it cannot open, in an error that names the connection and shows no secret',
    ]);
  });
});

class Plain extends BaseConnection<object> {
  protected connect(_config: Config): object {
    return {};
  }
}

/** Which tests of the suite a kind does not pass. */
async function broken(kind: KindClass, more: Partial<KindSuite> = {}): Promise<string[]> {
  const tests: (readonly [string, () => Promise<void>])[] = [];
  describeKind(kind, {
    describe: (_name, body) => body(),
    it: (name, test) => tests.push([name, test]),
    expect: (actual) => ({ toEqual: (expected) => deepEqual(actual, expected) }),
    config: { size: 1 },
    other: { size: 2 },
    ...more,
  });
  const failed: string[] = [];
  for (const [name, test] of tests) await test().catch(() => failed.push(name));
  return failed;
}
