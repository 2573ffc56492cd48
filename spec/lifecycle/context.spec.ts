import { describe, expect, it } from '@jest/globals';
import { finalize, Observable, Subject, type Subscription } from 'rxjs';
import { Semaphore } from '../../src/lifecycle/context.ts';

/** Work that says when it starts and stops, and ends when it is told to. */
function works(gate: Semaphore, count: number) {
  const log: string[] = [];
  const ends = Array.from({ length: count }, () => new Subject<void>());
  const passed: Subscription[] = ends.map((end$, nth) =>
    gate
      .pass(
        new Observable((subscriber) => {
          log.push(`start ${nth}`);
          return end$.pipe(finalize(() => log.push(`stop ${nth}`))).subscribe(subscriber);
        }),
      )
      .subscribe({ error: () => log.push(`error ${nth}`) }),
  );
  return { log, ends, passed };
}

describe('Semaphore', () => {
  it('lets so many run at once; the others start in their order', () => {
    const { log, ends } = works(new Semaphore(2), 4);
    expect(log).toEqual(['start 0', 'start 1']);
    ends[1]!.complete();
    ends[0]!.complete();
    expect(log).toEqual(['start 0', 'start 1', 'stop 1', 'start 2', 'stop 0', 'start 3']);
  });

  it('an error and a stop make way, too; what is given up has stopped when the next one starts', () => {
    const { log, ends, passed } = works(new Semaphore(1), 3);
    ends[0]!.error(new Error('broken'));
    passed[1]!.unsubscribe();
    expect(log).toEqual(['start 0', 'error 0', 'stop 0', 'start 1', 'stop 1', 'start 2']);
  });

  it('who leaves the line is never started, and counts no longer', () => {
    const { log, ends, passed } = works(new Semaphore(1), 3);
    passed[1]!.unsubscribe();
    ends[0]!.complete();
    expect(log).toEqual(['start 0', 'stop 0', 'start 2']);
    ends[2]!.complete();
    const later = works(new Semaphore(1), 1);
    expect(later.log).toEqual(['start 0']);
  });

  it("what has become urgent leaves the line, and takes nobody's place", () => {
    const gate = new Semaphore(1);
    const urgent$ = new Subject<void>();
    const log: string[] = [];
    const work = (name: string, end$: Subject<void>): Observable<void> =>
      new Observable((subscriber) => {
        log.push(name);
        return end$.subscribe(subscriber);
      });
    const [first$, second$, third$] = [new Subject<void>(), new Subject<void>(), new Subject<void>()];
    gate.pass(work('first', first$)).subscribe();
    gate.pass(work('second', second$), urgent$).subscribe();
    gate.pass(work('third', third$)).subscribe();
    urgent$.next();
    expect(log).toEqual(['first', 'second']);
    second$.complete();
    expect(log).toEqual(['first', 'second']);
    first$.complete();
    expect(log).toEqual(['first', 'second', 'third']);
    // Whoever has started has nothing to hurry for.
    urgent$.next();
    expect([log.length, urgent$.observed]).toEqual([3, false]);
  });

  it('work that ends at once keeps no place', () => {
    const gate = new Semaphore(1);
    let done = 0;
    for (let nth = 0; nth < 100; nth++)
      gate.pass(new Observable((subscriber) => subscriber.complete())).subscribe({ complete: () => done++ });
    expect(done).toBe(100);
  });
});
