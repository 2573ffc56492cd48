import { describe, expect, it } from '@jest/globals';
import { Subject, throwError } from 'rxjs';
import { Drain } from '../../src/lifecycle/drain.ts';

describe('Drain', () => {
  it('runs work to its end, though nobody subscribes to what it returns', () => {
    const drain = new Drain();
    const work$ = new Subject();
    drain.track(work$);
    expect([work$.observed, drain.running]).toEqual([true, 1]);
    work$.complete();
    expect(drain.running).toBe(0);
  });

  it('returns the end of the work, also afterwards, and never its error', () => {
    const drain = new Drain();
    const work$ = new Subject();
    const ended$ = drain.track(work$);
    const ends: string[] = [];
    ended$.subscribe({ complete: () => ends.push('early'), error: () => ends.push('error') });
    work$.error(new Error('broken'));
    ended$.subscribe({ complete: () => ends.push('late') });
    expect(ends).toEqual(['early', 'late']);
  });

  it('work that ends at once leaves nothing running', () => {
    const drain = new Drain();
    drain.track(throwError(() => new Error('broken')));
    expect(drain.running).toBe(0);
  });

  it('emits once when it is empty: at once, or after the last one', () => {
    const drain = new Drain();
    const seen: string[] = [];
    drain.empty$.subscribe(() => seen.push('empty from the start'));
    const [one$, two$] = [new Subject(), new Subject()];
    drain.track(one$);
    drain.track(two$);
    drain.empty$.subscribe({ next: () => seen.push('empty'), complete: () => seen.push('over') });
    one$.complete();
    expect(seen).toEqual(['empty from the start']);
    two$.complete();
    expect(seen).toEqual(['empty from the start', 'empty', 'over']);
  });
});
