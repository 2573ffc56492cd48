import { AsyncSubject, BehaviorSubject, filter, take, type Observable } from 'rxjs';

/** All work that must end before a registry is closed: instances that drain and close, attempts that were abandoned. */
export class Drain {
  readonly #running$ = new BehaviorSubject(0);

  get running(): number {
    return this.#running$.value;
  }

  /** Runs `work$` to its end, whoever else unsubscribes; what is returned completes with it and never errors. */
  track(work$: Observable<unknown>): Observable<unknown> {
    const ended$ = new AsyncSubject<unknown>();
    const end = (): void => {
      ended$.complete();
      this.#running$.next(this.#running$.value - 1);
    };
    this.#running$.next(this.#running$.value + 1);
    work$.subscribe({ error: end, complete: end });
    return ended$;
  }

  /** Emits once when nothing is running any more. */
  get empty$(): Observable<unknown> {
    return this.#running$.pipe(
      filter((running) => running === 0),
      take(1),
    );
  }
}
