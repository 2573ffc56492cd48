import { describe, expect, it } from '@jest/globals';
import { concat, EMPTY, map, NEVER, of, Subject, timer, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { OpenError } from '../../src/errors/index.ts';
import { defaultPolicies } from '../../src/lifecycle/index.ts';
import { open$ } from '../../src/lifecycle/open.ts';

const attempt = {
  config: 'a',
  policies: { ...defaultPolicies, openTimeout: 10, closeTimeout: 6 },
  generation: 4,
  reason: 'replaced',
  replacing: false,
} as const;

interface Given {
  readonly opens?: () => Observable<string>;
  readonly checks?: () => Observable<unknown>;
  /** When it is given up. */
  readonly stop?: number;
  readonly force?: number;
}

/** Opens once in virtual time, and tells what happened by the millisecond. */
function opening({ opens = () => of('raw'), checks = () => EMPTY, stop, force }: Given): string[] {
  const scheduler = new TestScheduler(() => undefined);
  const log: string[] = [];
  scheduler.run(() => {
    scheduler.maxFrames = 1000;
    const say = (what: string): void => void log.push(`${scheduler.now()} ${what}`);
    const force$ = new Subject<void>();
    const resource = {
      overlap: true,
      open: (config: string, signal: AbortSignal) => {
        say(`connect ${config}`);
        signal.addEventListener('abort', () => say('signal'));
        return opens();
      },
      check: () => checks(),
      expiresAt: () => 7,
      close: () => EMPTY,
      retire: () => undefined,
      keeps: () => false,
      named: <E>(error: E) => error,
      failure: (error: unknown) => (error instanceof OpenError ? error : new OpenError('open_failed', String(error))),
    };
    const subscription = open$(resource, attempt, {
      scheduler,
      force$,
      close$: (raw) => (say(`close ${raw}`), timer(3)),
      track: (work$) => work$.subscribe({ complete: () => say('over'), error: () => say('error') }),
    }).subscribe({
      next: ({ raw, generation, openedAt, expiresAt }) => say(`${raw} ${generation} ${openedAt} ${expiresAt}`),
      error: ({ code }: OpenError) => say(code),
      complete: () => say('complete'),
    });
    if (stop !== undefined) scheduler.schedule(() => subscription.unsubscribe(), stop);
    if (force !== undefined) scheduler.schedule(() => force$.next(), force);
  });
  return log;
}

describe('open$', () => {
  it('connects, checks, and then emits the instance', () => {
    expect(opening({ opens: () => late(2) })).toEqual(['0 connect a', '2 raw 4 2 7', '2 complete']);
    expect(opening({ checks: () => timer(3) })).toEqual(['0 connect a', '3 raw 4 3 7', '3 complete']);
  });

  it('takes the first value, and never the signal of what it keeps', () => {
    expect(opening({ opens: () => concat(of('raw'), of('again'), NEVER), stop: 5 })).toEqual([
      '0 connect a',
      '0 raw 4 0 7',
      '0 complete',
    ]);
  });

  it('a connect that fails is the error of the resource', () => {
    const opens = (): never => {
      throw new Error('refused');
    };
    expect(opening({ opens })).toEqual(['0 connect a', '0 open_failed', '0 signal', '0 over']);
  });

  it('a check that fails closes what was opened', () => {
    const checks = (): never => {
      throw new Error('sick');
    };
    expect(opening({ checks })).toEqual(['0 connect a', '0 open_failed', '0 signal', '0 close raw', '3 over']);
  });

  it('openTimeout is for both together', () => {
    expect(opening({ opens: () => NEVER })).toEqual(['0 connect a', '10 open_timeout', '10 signal', '16 over']);
    expect(opening({ opens: () => late(8), checks: () => timer(8) })).toContain('10 open_timeout');
  });

  it('given up: the signal fires, and what arrives within closeTimeout is closed and waited for', () => {
    expect(opening({ opens: () => late(7), stop: 2 })).toEqual(['0 connect a', '2 signal', '7 close raw', '10 over']);
  });

  it('what arrives even later is closed all the same', () => {
    expect(opening({ opens: () => late(50), stop: 2 })).toEqual(['0 connect a', '2 signal', '8 over', '50 close raw']);
  });

  it('given up, and the closing registry waits for nothing', () => {
    expect(opening({ opens: () => NEVER, stop: 2, force: 4 })).toEqual(['0 connect a', '2 signal', '4 over']);
  });
});

function late(delay: number): Observable<string> {
  return timer(delay).pipe(map(() => 'raw'));
}
