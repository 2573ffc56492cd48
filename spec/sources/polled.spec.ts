import { describe, expect, it } from '@jest/globals';
import { Subject, VirtualTimeScheduler } from 'rxjs';
import { SourceError } from '../../src/errors/index.ts';
import { polled, type PolledContext, type PolledLoad, type PolledOptions } from '../../src/sources/index.ts';
import { polledBy } from '../../src/sources/polled.ts';
import { describeSource } from '../../src/testing/index.ts';
import { messageOf, secretsOf, States } from './support/states.ts';

/** A polled source in virtual time, and the times of its loads. */
class Bench {
  readonly scheduler = new VirtualTimeScheduler();
  readonly loads: number[] = [];
  readonly contexts: PolledContext[] = [];
  readonly source;
  states: States;

  constructor(load: PolledLoad, options: PolledOptions = {}, random = 1) {
    this.source = polledBy(
      this.scheduler,
      (context) => {
        this.loads.push(this.scheduler.now());
        this.contexts.push(context);
        return load(context);
      },
      options,
      () => random,
    );
    this.states = new States(this.source);
  }

  get said(): string[] {
    return this.states.all.map(({ state }) => state);
  }

  async until(time: number): Promise<void> {
    this.scheduler.maxFrames = time;
    this.scheduler.flush();
    this.scheduler.frame = time;
    await settled();
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

describe('polled', () => {
  it('loads at once and then `every`, later by its share of the spread; the default is a tenth', async () => {
    const load = (): { secrets: object } => ({ secrets: { a: 1 } });
    const [plain, spread, byDefault, defaults] = [
      new Bench(load, { every: '1s', spread: 0 }),
      new Bench(load, { every: '1s', spread: '500ms' }, 0.5),
      new Bench(load, { every: '1s' }),
      new Bench(load),
    ];
    for (const bench of [plain, spread, byDefault]) await bench.until(3300);
    await defaults.until(140_000);
    expect(plain.loads).toEqual([0, 1000, 2000, 3000]);
    expect(spread.loads).toEqual([0, 1250, 2500]);
    expect(byDefault.loads).toEqual([0, 1100, 2200, 3300]);
    expect(defaults.loads).toEqual([0, 66_000, 132_000]);
    expect([plain.states.all[0]!.trust, plain.source.label]).toEqual(['remote', 'polled']);
  });

  it('keeps what worked, backs off from 1 s to 30 s, and goes on at its pace', async () => {
    let broken = false;
    const bench = new Bench(
      () => {
        if (broken) throw new Error('the password is hunter22');
        return { secrets: { a: 1 }, version: 1n };
      },
      { every: '10s', spread: 0, label: 'store', trust: 'local' },
    );
    broken = true;
    await bench.until(120_000);
    expect(bench.loads).toEqual([0, 10_000, 11_000, 13_000, 17_000, 25_000, 41_000, 71_000, 101_000]);
    expect(bench.said).toEqual(['loaded', 'failed']);
    expect([bench.states.all[1]!.trust, messageOf(bench.states.all[1]!)]).toEqual([
      'local',
      'store cannot be loaded (Error). It is asked again; what was loaded before stays in use.',
    ]);
    broken = false;
    await bench.until(145_000);
    expect(bench.loads.slice(9)).toEqual([131_000, 141_000]);
    expect(bench.said).toEqual(['loaded', 'failed', 'loaded']);
  });

  it.each<[PolledOptions, number[]]>([
    [{ every: 100, spread: 0 }, [0, 100, 300, 700]],
    [{ every: '1h', spread: 0 }, [0, 1000, 3000, 7000]],
    [{ every: Infinity }, [0, 1000, 3000, 7000]],
  ])('backs off from the shorter of `every` and 1 s: %j', async (options, loads) => {
    const bench = new Bench(() => Promise.reject(new Error('no')), options);
    await settled();
    for (let time = 100; time <= 7000; time += 100) await bench.until(time);
    expect(bench.loads.slice(0, 4)).toEqual(loads);
  });

  it('passes the version in use, and takes undefined or an equal version for no change, also after a failure', async () => {
    const answers = [
      () => ({ secrets: { a: 1 }, version: 'one' }),
      () => undefined,
      () => ({ secrets: unread, version: 'one' }),
      () => ({ secrets: [], version: 'two' }),
      () => undefined,
      () => ({ secrets: { a: 2 }, version: 'two' }),
    ];
    const unread = new Proxy({}, { ownKeys: () => expect('nobody').toBe('reading') as never });
    const bench = new Bench(() => answers.shift()?.(), { every: '1s', spread: 0 });
    await bench.until(6000);
    expect(bench.contexts.map(({ version }) => version)).toEqual([undefined, 'one', 'one', 'one', 'one', 'one', 'two']);
    expect(bench.said).toEqual(['loaded', 'failed', 'loaded', 'loaded']);
    expect(bench.states.all[2]).toBe(bench.states.all[0]);
    expect(secretsOf(bench.states.all[3]!)).toEqual({ a: 2 });
  });

  it.each<[string, unknown, string]>([
    ['nothing at first', undefined, 'before it had given any secrets'],
    ['null', null, 'load gives { secrets, version? }'],
    ['a text', 'hunter22', 'load gives { secrets, version? }'],
    ['secrets without a frame', { password: 'hunter22' }, 'load gives { secrets, version? }'],
    ['a list of secrets', { secrets: ['hunter22'] }, 'an array'],
    ['a function', { secrets: { a: () => 1 } }, '`a` is a function'],
    ['an Observable', new Subject(), 'load gives { secrets, version? }'],
    ['a promise of a wrong one', Promise.resolve(7), 'load gives { secrets, version? }'],
    ['a getter that throws', Object.defineProperty({}, 'secrets', { get: () => raise('hunter22') }), '(Error)'],
    ['null that is thrown', Promise.reject(null), 'polled cannot be loaded. '],
    [
      'a socket',
      Promise.reject(Object.assign(new TypeError('x'), { cause: { code: 'ECONNREFUSED' } })),
      'ECONNREFUSED',
    ],
  ])('takes %s for a failed load', async (_, answer, message) => {
    const bench = new Bench(() => answer as undefined);
    await settled();
    expect(bench.said).toEqual(['failed']);
    expect(messageOf(bench.states.all[0]!)).toContain(message);
    expect(messageOf(bench.states.all[0]!)).not.toContain('hunter22');
  });

  it('never overlaps loads; a look() during one is answered by the next, one for all that ask', async () => {
    const replies: ((value: { secrets: object }) => void)[] = [];
    const bench = new Bench(() => new Promise((resolve) => replies.push(resolve)), { every: '1s', spread: 0 });
    const done: string[] = [];
    for (const name of ['first', 'second']) void bench.source.look!().then(() => done.push(name));
    await bench.until(5000);
    expect(bench.loads).toEqual([0]);
    replies[0]!({ secrets: { a: 1 } });
    await settled();
    expect([bench.loads, done]).toEqual([[0, 5000], []]);
    replies[1]!({ secrets: { a: 2 } });
    await settled();
    expect(done).toEqual(['first', 'second']);
    expect(secretsOf(bench.states.all[1]!)).toEqual({ a: 2 });
    void bench.source.look!().then(() => done.push('third'));
    await settled();
    expect(bench.loads).toEqual([0, 5000, 5000]);
    replies[2]!({ secrets: { a: 3 } });
    await settled();
    expect(done.at(-1)).toBe('third');
  });

  it('gives a load up after 30 s, and when it is left; look() never hangs', async () => {
    const bench = new Bench(() => new Promise(() => undefined), { every: '10s', spread: 0 });
    await bench.until(29_999);
    expect([bench.contexts[0]!.signal.aborted, bench.said]).toEqual([false, []]);
    await bench.until(30_000);
    expect([bench.contexts[0]!.signal.aborted, bench.said]).toEqual([true, ['failed']]);
    await bench.until(31_000);
    expect(bench.loads).toEqual([0, 31_000]);
    const looks = [bench.source.look!(), bench.source.look!()];
    bench.states.stop();
    await Promise.all([...looks, bench.source.look!()]);
    expect(bench.contexts[1]!.signal.aborted).toBe(true);
    expect(bench.scheduler.actions.filter(({ closed }) => !closed)).toEqual([]);
    bench.states = new States(bench.source);
    expect(bench.contexts[2]!.version).toBeUndefined();
    bench.states.stop();
  });

  it.each<[unknown, string]>([
    [{ every: 0 }, 'every'],
    [{ every: -1 }, 'every'],
    [{ every: 'often' }, 'every'],
    [{ spread: Infinity }, 'spread'],
    [{ trust: 'me' }, 'trust'],
    [{ label: '' }, 'label'],
    [{ evry: 1 }, 'Did you mean "every"?'],
    [{ interval: 1 }, 'There is every, label, trust, spread.'],
  ])('refuses %j', (options, message) => {
    expect(() => polled(() => undefined, options as PolledOptions)).toThrow(message);
  });

  it('refuses what is no function', () => {
    expect(() => polled({} as never)).toThrow('load: expected a function.');
  });
});

function raise(message: string): never {
  throw new Error(message);
}

describeSource({
  ...{ describe, it, expect },
  name: 'polled',
  open: () => {
    const remove = (): void =>
      void (load = () => {
        throw new SourceError('source_missing', 'store: nothing is there.');
      });
    let load: () => { secrets: object };
    remove();
    return {
      source: polled(async () => load(), { every: 20, label: 'store' }),
      write: (secrets) => void (load = () => ({ secrets: structuredClone(secrets) })),
      spoil: (spoilt) => void (load = () => raise(spoilt)),
      remove,
    };
  },
});
