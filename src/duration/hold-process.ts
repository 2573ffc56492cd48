import { Observable, tap } from 'rxjs';

/**
 * While subscribed to, keeps the process alive; emits nothing.
 * Upkeep timers are unref'd, so somebody who waits for a first value or for `close()` holds the process by this.
 */
export const holdProcess$ = new Observable<never>(() => {
  const handle = setInterval(() => undefined, 2 ** 31 - 1);
  return () => clearInterval(handle);
});

/** The same values; whoever waits for the first of them keeps the process alive, and nobody after that. */
export function holdingUntilFirst$<T>(values$: Observable<T>): Observable<T> {
  return new Observable((subscriber) => {
    const hold = holdProcess$.subscribe();
    subscriber.add(hold);
    subscriber.add(values$.pipe(tap(() => hold.unsubscribe())).subscribe(subscriber));
  });
}
