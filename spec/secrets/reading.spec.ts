import assert from 'node:assert/strict';
import { describe, expect, it } from '@jest/globals';
import { concat, defer, NEVER, Observable, of, throwError } from 'rxjs';
import { readings$ } from '../../src/secrets/reading.ts';
import type { SourceState } from '../../src/sources/source.ts';
import { told, virtually } from './told-source.ts';

const loaded = (secrets: object): SourceState => ({ state: 'loaded', secrets: secrets as never });

/** What the readings of a source are in the first 12 seconds. */
function read(source: Observable<SourceState>): string[] {
  const seen: string[] = [];
  virtually((scheduler) => {
    const subscription = readings$(source, 'vault', scheduler).subscribe(({ state, error, good }) =>
      seen.push([state, error?.code, good && JSON.stringify(good.tree)].filter(Boolean).join(' ')),
    );
    scheduler.schedule(() => subscription.unsubscribe(), 12_000);
  });
  return seen;
}

describe('readings$', () => {
  it('takes whatever a source emits, even what throws when it is looked at', () => {
    const hostile = new Proxy({}, { get: () => assert.fail('hunter2hunter2') });
    const odd = [
      hostile,
      null,
      undefined,
      7,
      'loaded',
      {
        get state() {
          return assert.fail('hunter2hunter2');
        },
      },
    ];
    for (const state of odd) {
      const source = concat(of(loaded({ x: 1 })), new Observable<SourceState>((to) => to.next(state as never)), NEVER);
      expect(read(source)[1]).toMatch(/^failed source_(invalid|unreadable) \{"x":1\}$/);
    }
  });

  it('gives a reason where a source has none, or one that is none of ours', () => {
    const states = [{ state: 'failed' }, { state: 'failed', error: new Error('x') }, { state: 'missing', error: 'x' }];
    for (const state of states)
      expect(read(of(state as unknown as SourceState))).toEqual([`${state.state} source_unreadable`]);
    expect(read(of({ state: 'missing' }))).toEqual(['missing']);
  });

  it('says each thing once, and keeps the last good secrets', () => {
    const a = told('a');
    const seen: string[] = [];
    virtually((scheduler) => {
      readings$(a, 'a', scheduler).subscribe(({ state, good }) => seen.push(`${state} ${JSON.stringify(good?.tree)}`));
      a.good({ x: 1, y: 2 });
      a.good({ y: 2, x: 1 });
      a.bad();
      a.gone();
      a.good({ x: 1, y: 2 });
    });
    expect(seen).toEqual([
      'loaded {"x":1,"y":2}',
      'failed {"x":1,"y":2}',
      'missing {"x":1,"y":2}',
      'loaded {"x":1,"y":2}',
    ]);
  });

  it('takes a source for remote that does not say that it is local', () => {
    const trusts: string[] = [];
    virtually((scheduler) => {
      const states$ = of(loaded({}), { ...loaded({}), trust: 'local' as const });
      readings$(states$, 'a', scheduler).subscribe(({ trust }) => trusts.push(trust));
    });
    expect(trusts).toEqual(['remote', 'local']);
  });

  it('asks a source that threw again, and goes on when it is back', () => {
    let tries = 0;
    const flaky = defer(() =>
      ++tries < 3 ? throwError(() => new Error('connection refused')) : concat(of(loaded({ x: 1 })), NEVER),
    );
    expect(read(flaky)).toEqual(['failed source_unreadable', 'failed source_unreadable', 'loaded {"x":1}']);
    expect(tries).toBe(3);
  });

  it('keeps what a source said before it threw, and shows none of it', () => {
    const errors: Error[] = [];
    virtually((scheduler) => {
      const thrown = new Error('token hunter2hunter2 has expired');
      const source = concat(
        of(loaded({ token: 'hunter2hunter2' })),
        throwError(() => thrown),
      );
      const subscription = readings$(source, 'vault', scheduler).subscribe(({ error }) => error && errors.push(error));
      scheduler.schedule(() => subscription.unsubscribe(), 10);
    });
    expect(errors).toHaveLength(1);
    expect(errors[0]!.message).toBe(
      'vault threw: Error. It is asked again in 5 s; what was loaded before stays in use.',
    );
    expect((errors[0]!.cause as Error).message).toBe('token [redacted] has expired');
    expect((errors[0]!.cause as Error).stack).not.toContain('hunter2');
  });

  it('takes an end without a word for a failure, and an end after one for the last word', () => {
    expect(read(of())).toEqual(['failed source_unreadable']);
    expect(read(of(loaded({ x: 1 })))).toEqual(['loaded {"x":1}']);
  });

  it('makes one failure of whatever is no state', () => {
    const throwing = {
      get state(): never {
        throw new Error('hunter2');
      },
    };
    for (const wrong of [null, undefined, 7, {}, { state: 'wat' }, throwing, loaded(null as never), loaded([])])
      expect(read(of<SourceState[]>(wrong as never))).toEqual([
        expect.stringMatching(/^failed source_(invalid|unreadable)$/),
      ]);
    expect(read(7 as never).at(0)).toBe('failed source_unreadable');
    expect(
      read(
        new Observable(() => {
          throw new Error('at once');
        }),
      ).at(0),
    ).toBe('failed source_unreadable');
  });
});
