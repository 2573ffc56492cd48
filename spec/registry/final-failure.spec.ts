import { describe, expect, it } from '@jest/globals';
import { retry, type Observable } from 'rxjs';
import { BaseConnection, OpenError, type Config } from '../../src/index.ts';
import { stage } from './support/stage.ts';
import { settled } from './support/clock.ts';

/** Counts the subscriptions that `retry()` makes, and the values and errors that arrive. */
function retried(source$: Observable<unknown>): { errors: number; values: number; done: boolean } {
  const seen = { errors: 0, values: 0, done: false };
  source$
    .pipe(
      retry({
        delay: (_, count) => {
          seen.errors = count;
          if (count > 1000) throw new Error('it spins');
          return [0];
        },
      }),
    )
    .subscribe({ next: () => seen.values++, complete: () => (seen.done = true), error: () => (seen.done = true) });
  return seen;
}

class Refused extends BaseConnection<object> {
  protected connect(config: Config): object {
    if (config['password'] === 'right') return {};
    throw new OpenError('auth_failed', 'refused');
  }
}

describe('connection$ with retry()', () => {
  it('waits for the next snapshot where there is no section', async () => {
    const { hot, source } = stage({});
    const seen = retried(hot.connection$('pets'));
    await settled();
    expect(seen).toMatchObject({ errors: 1, values: 0 });
    source.section('other', { type: 'memory' });
    await settled();
    expect(seen).toMatchObject({ errors: 2, values: 0 });
    source.section('pets', { type: 'memory', size: 1 });
    await settled();
    expect(seen).toMatchObject({ errors: 2, values: 1 });
    await hot.close();
    expect(seen.done).toBe(true);
  });

  it('waits where the class is given, the settings cannot be used, or the arguments are wrong; it ends with the registry', async () => {
    const { hot } = stage({});
    const all = [
      retried(hot.connection$('sql', { type: 'sql' })),
      retried(hot.connection$('sql', { type: 'sql', url: 'nonsense' })),
      retried(hot.connection$('sql', { type: 'nowhere' })),
      retried(hot.connection$('')),
    ];
    await settled();
    await settled();
    expect(all.map(({ errors }) => errors)).toEqual([1, 1, 1, 1]);
    await hot.close();
    await settled();
    const late = retried(hot.connection$('pets'));
    await settled();
    expect(late).toMatchObject({ errors: 1, done: true });
  });

  it('tries a refused password no faster than the slowest step of the back-off, and at once after a change', async () => {
    const { hot, clock, source } = stage({ pets: { type: 'refused' } });
    const seen = retried(hot.connection$('pets', { type: Refused, retry: { maxDelay: '5s' } }));
    await settled();
    expect(seen.errors).toBe(1);
    await clock.pass(4_900);
    expect(seen.errors).toBe(1);
    await clock.pass(200);
    expect(seen.errors).toBe(2);
    source.section('pets', { password: 'right' });
    await settled();
    expect(seen.values).toBe(1);
    await hot.close();
  });

  it('another subscriber has its error at once', async () => {
    const { hot } = stage({});
    const pets$ = hot.connection$('pets');
    const codes: unknown[] = [];
    for (let each = 0; each < 2; each++) pets$.subscribe({ error: ({ code }: { code: string }) => codes.push(code) });
    await settled();
    expect(codes).toEqual(['missing_config', 'missing_config']);
    await hot.close();
  });
});
