import { describe, expect, it } from '@jest/globals';
import { concat, defer, EMPTY, map, NEVER, of, Subject, throwError, timer, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { listening$, live$, refreshEvery$, refreshHeard$, refreshOn$ } from '../../../src/kinds/query/live.ts';
import { FakeLeases } from '../../support/fake-leases.ts';

type Rows = { v: unknown }[];

const virtual = () => new TestScheduler((actual, expected) => expect(actual).toEqual(expected));

/** Asks take 2 ms; the letters of `answers` are what they bring, `#` an error, `!` one that does not pass. */
function asks(answers: string, scheduler: TestScheduler) {
  const log: number[] = [];
  const ask = (): Observable<Rows> =>
    defer(() => {
      log.push(scheduler.now());
      const answer = answers[log.length - 1] ?? answers.at(-1)!;
      if (answer === '#' || answer === '!') return timer(2).pipe(map(() => fail(answer)));
      return timer(2).pipe(map(() => [{ v: answer }]));
    });
  return { ask, log };
}

function fail(answer: string): never {
  throw new Error(answer);
}

const passes = (error: unknown) => (error as Error).message === '#';
const letters = map((rows: Rows) => rows[0]!.v);

describe('live$', () => {
  it.each([
    ['asks on each trigger, and emits what has changed', 'a---b---c---|', 'ab', '--x---y-----|', [0, 4, 8]],
    ['does not emit the same twice', 'a---b---c---|', 'a', '--x---------|', [0, 4, 8]],
    ['asks once more for all that came while it asked', 'a(bcd)-----|', 'ab', '--x-y------|', [0, 2]],
    ['ends when the last answer is there', 'a|', 'a', '--(x|)', [0]],
    ['an error before the first value ends it', 'a-------|', '#', '--#', [0]],
    ['an error that does not pass ends it', 'a---b-------|', 'a!', '--x---!', [0, 4]],
    ['one that passes does not', 'a---b---c---|', 'a#b', '--x-------y-|', [0, 4, 8]],
    ['what came while it failed makes it ask again at once', 'a---bc---------|', 'a#b', '--x-----y------|', [0, 4, 6]],
  ])('%s', (_what, when, answers, expected, asked) => {
    const scheduler = virtual();
    const { ask, log } = asks(answers, scheduler);
    scheduler.run(({ cold, expectObservable }) => {
      const [x, y] = [...new Set(answers.replaceAll(/[#!]/g, ''))];
      const marble = expected.replace('!', '#');
      const error = new Error(expected.includes('!') ? '!' : '#');
      const live = live$({ when$: cold(when), ask, passes, scheduler });
      expectObservable(live.pipe(letters)).toBe(marble, { x, y }, error);
    });
    expect(log).toEqual(asked);
  });

  it('asks again by itself after an error that passes, later each time, until it goes well', () => {
    const scheduler = virtual();
    const { ask, log } = asks('a###b', scheduler);
    scheduler.run(({ expectObservable }) => {
      const when$ = concat(of(0), timer(10), NEVER);
      const live = live$({ when$, ask, passes, scheduler, random: () => 1 });
      expectObservable(live.pipe(letters), '^ 20s !').toBe('--a 7015ms b', { a: 'a', b: 'b' });
    });
    expect(log).toEqual([0, 10, 1012, 3014, 7016]);
  });

  it('a trigger takes the place of the pause after an error', () => {
    const scheduler = virtual();
    const { ask, log } = asks('a#b', scheduler);
    scheduler.run(({ cold, expectObservable }) => {
      const live = live$({ when$: cold('t---t---t'), ask, passes, scheduler, random: () => 1 });
      expectObservable(live.pipe(letters), '^ 5s !').toBe('--a-------b', { a: 'a', b: 'b' });
    });
    expect(log).toEqual([0, 4, 8]);
  });

  it('stops asking when it is unsubscribed, and fires the signal', () => {
    const scheduler = virtual();
    const signals: AbortSignal[] = [];
    const triggers = new Subject<void>();
    const ask = ({ signal }: { signal: AbortSignal }): Observable<Rows> => {
      signals.push(signal);
      return NEVER;
    };
    const subscription = live$({ when$: triggers, ask, passes, scheduler }).subscribe();
    triggers.next();
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    subscription.unsubscribe();
    triggers.next();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  it('is not misled by what its subscriber does to the rows', () => {
    const scheduler = virtual();
    const triggers = new Subject<void>();
    const seen: unknown[] = [];
    live$<{ v: unknown }>({ when$: triggers, ask: () => of([{ v: [1] }]), passes, scheduler }).subscribe((rows) => {
      seen.push(structuredClone(rows));
      (rows[0]!.v as number[]).push(2);
    });
    triggers.next();
    triggers.next();
    expect(seen).toEqual([[{ v: [1] }]]);
  });

  it('passes on an error of the triggers and of a function that throws', () => {
    const scheduler = virtual();
    const codes: unknown[] = [];
    const error = (failed: Error) => codes.push(failed.message);
    const broken$ = throwError(() => new Error('trigger'));
    live$({ when$: broken$, ask: () => EMPTY, passes, scheduler }).subscribe({ error });
    live$({ when$: of(0), ask: () => fail('ask'), passes, scheduler }).subscribe({ error });
    expect(codes).toEqual(['trigger', 'ask']);
  });
});

const isLost = (error: unknown) => error === 'lost';

/** Letters of marbles, and what they stand for. */
const named = {
  ...{ a: 'instance', b: 'instance', c: 'instance', x: 'observable', y: 'observable' },
  ...{ t: 'interval', n: 'notification', l: 'listening' },
} as const;

describe('refreshOn$', () => {
  it('is each instance and each trigger; it ends with the instances, not with the triggers', () => {
    virtual().run(({ hot, cold, expectObservable, expectSubscriptions }) => {
      const instances = hot('-a---b-----|');
      const triggers = cold('---x---y|');
      expectObservable(refreshOn$(instances, triggers)).toBe('-a-x-b-y---|', named);
      expectSubscriptions(instances.subscriptions).toBe('^----------!');
      const endless = cold('---x---y---z---x');
      expectObservable(refreshOn$(hot('-a------|'), endless)).toBe('-a-x---y|', named);
      expectSubscriptions(endless.subscriptions).toBe('^-------!');
    });
  });
});

describe('refreshEvery$', () => {
  it('is each instance, and then every period from there, while there are instances', () => {
    const scheduler = virtual();
    scheduler.run(({ hot, expectObservable }) => {
      const instances = hot('-a---------b---------|');
      const when$ = refreshEvery$(instances, 4, scheduler);
      expectObservable(when$).toBe('-a---t---t-b---t---t-|', named);
    });
  });

  it('bears a period of more than a timer can hold, and of no end', () => {
    const scheduler = virtual();
    scheduler.run(({ hot, expectObservable }) => {
      const instances = hot('a');
      const seen = (period: number) => refreshEvery$(instances, period, scheduler).pipe(map(() => 't'));
      expectObservable(seen(2 ** 32), '^ 72000m !').toBe(`t ${2 ** 32 - 1}ms t`);
      expectObservable(seen(Infinity), '^ 72000m !').toBe('t');
    });
  });
});

describe('refreshHeard$', () => {
  it('listens on each instance, and lets go of the one before', () => {
    const scheduler = virtual();
    scheduler.run(({ hot, cold, expectObservable, expectSubscriptions }) => {
      const listening = cold('-l--n--n--n');
      const when$ = refreshHeard$(hot('a-------b-------|'), () => listening, isLost, scheduler);
      expectObservable(when$).toBe('-a--n--n-b--n--n|', named);
      expectSubscriptions(listening.subscriptions).toBe(['^-------!', '--------^-------!']);
    });
  });

  it('listens again when the listening broke off, later each time it fails in a row', () => {
    const scheduler = virtual();
    scheduler.run(({ cold, expectObservable }) => {
      const attempts = [
        cold('l-#', undefined, 'lost'),
        cold('#', {}, 'lost'),
        cold('#', {}, 'lost'),
        cold('l|'),
        cold('l'),
      ];
      let attempt = 0;
      const listen = () => attempts[attempt++]!;
      const when$ = refreshHeard$(cold('a'), listen, isLost, scheduler, () => 1);
      expectObservable(when$, '^ 5s !').toBe('a 1401ms l 200ms l', named);
    });
  });

  it('listens again where the next instance breaks before it listens', () => {
    const scheduler = virtual();
    scheduler.run(({ cold, hot, expectObservable }) => {
      const attempts = [cold('l'), cold('-#', {}, 'lost'), cold('l')];
      let attempt = 0;
      const when$ = refreshHeard$(
        hot('a---b'),
        () => attempts[attempt++]!,
        isLost,
        scheduler,
        () => 1,
      );
      expectObservable(when$, '^ 5s !').toBe('a 204ms b', named);
    });
  });

  it('is an error when it cannot listen at all, or never can again', () => {
    const scheduler = virtual();
    scheduler.run(({ cold, expectObservable }) => {
      const never = refreshHeard$(cold('a'), () => cold('-#', {}, 'lost'), isLost, scheduler);
      expectObservable(never).toBe('-#', {}, 'lost');
      const after = refreshHeard$(cold('a'), () => cold('l-#', {}, 'not supported'), isLost, scheduler);
      expectObservable(after).toBe('a-#', named, 'not supported');
    });
  });

  it('keeps to itself what one subscription has heard', () => {
    const scheduler = virtual();
    scheduler.run(({ expectObservable }) => {
      let attempt = 0;
      const listen = () => (++attempt === 1 ? concat(of('l'), NEVER) : throwError(() => 'lost'));
      const when$ = refreshHeard$(of(1), listen, isLost, scheduler);
      when$.subscribe();
      expectObservable(when$).toBe('#', undefined, 'lost');
    });
  });
});

const told = (error: unknown) => new Error(`told: ${(error as Error).message}`);
const settle = () => new Promise(setImmediate);

describe('listening$', () => {
  it('holds a lease until it listens, and no longer', async () => {
    const leases = new FakeLeases(() => 'raw');
    const said$ = new Subject<string>();
    const seen: unknown[] = [];
    const subscription = listening$(leases, () => said$, told).subscribe((said) => seen.push(said));
    await settle();
    expect(leases.held).toBe(1);
    said$.next('listening');
    expect(leases.held).toBe(0);
    said$.next('changed');
    expect(seen).toEqual(['listening', 'changed']);
    subscription.unsubscribe();
    expect(said$.observed).toBe(false);
  });

  it('gives the lease back when it is left, refused, or fails', async () => {
    const leases = new FakeLeases(() => 'raw');
    const never$ = new Subject();
    const early = listening$(leases, () => never$, told).subscribe();
    early.unsubscribe();
    const later = listening$(leases, () => never$, told).subscribe();
    await settle();
    expect(leases.held).toBe(1);
    later.unsubscribe();
    expect(leases.held).toBe(0);
    const errors: string[] = [];
    const error = (failed: Error) => errors.push(failed.message);
    listening$(leases, () => throwError(() => new Error('failed')), told).subscribe({ error });
    listening$(
      leases,
      () => {
        throw new Error('threw');
      },
      told,
    ).subscribe({ error });
    await settle();
    leases.refuse = () => new Error('refused');
    listening$(leases, () => never$, told).subscribe({ error });
    await settle();
    expect(errors).toEqual(['told: failed', 'told: threw', 'refused']);
    expect(leases.held).toBe(0);
  });
});
