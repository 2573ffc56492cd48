import { describe, expect, it } from '@jest/globals';
import { concat, map, NEVER, of, throwError } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { refreshEvery$, refreshHeard$, refreshOn$ } from '../../src/queries/refresh.ts';

const virtual = () => new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
const passes = (error: unknown) => error === 'lost';

describe('refreshOn$', () => {
  it('is each instance and each trigger; it ends with the instances, not with the triggers', () => {
    virtual().run(({ hot, cold, expectObservable, expectSubscriptions }) => {
      const instances = hot('-a---b-----|');
      const triggers = cold('---x---y|');
      expectObservable(refreshOn$(instances, triggers)).toBe('-a-x-b-y---|');
      expectSubscriptions(instances.subscriptions).toBe('^----------!');
      const endless = cold('---x---y---z---x');
      expectObservable(refreshOn$(hot('-a------|'), endless)).toBe('-a-x---y|');
      expectSubscriptions(endless.subscriptions).toBe('^-------!');
    });
  });
});

describe('refreshEvery$', () => {
  it('is each instance, and then every period from there, while there are instances', () => {
    const scheduler = virtual();
    scheduler.run(({ hot, expectObservable }) => {
      const instances = hot('-a---------b---------|');
      const when$ = refreshEvery$(instances, 4, scheduler).pipe(map(() => 't'));
      expectObservable(when$).toBe('-t---t---t-t---t---t-|');
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
      const when$ = refreshHeard$(hot('a-------b-------|'), () => listening, passes, scheduler);
      expectObservable(when$).toBe('-l--n--n-l--n--n|');
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
      const when$ = refreshHeard$(cold('a'), listen, passes, scheduler, () => 1);
      expectObservable(when$, '^ 5s !').toBe('l 1401ms l 200ms l');
    });
  });

  it('is an error when it cannot listen at all, or never can again', () => {
    const scheduler = virtual();
    scheduler.run(({ cold, expectObservable }) => {
      const never = refreshHeard$(cold('a'), () => cold('-#', {}, 'lost'), passes, scheduler);
      expectObservable(never).toBe('-#', {}, 'lost');
      const after = refreshHeard$(cold('a'), () => cold('l-#', {}, 'not supported'), passes, scheduler);
      expectObservable(after).toBe('l-#', {}, 'not supported');
    });
  });

  it('keeps to itself what one subscription has heard', () => {
    const scheduler = virtual();
    scheduler.run(({ expectObservable }) => {
      let attempt = 0;
      const listen = () => (++attempt === 1 ? concat(of('l'), NEVER) : throwError(() => 'lost'));
      const when$ = refreshHeard$(of(1), listen, passes, scheduler);
      when$.subscribe();
      expectObservable(when$).toBe('#', undefined, 'lost');
    });
  });
});
