import { Observable } from 'rxjs';
import type { Leases } from '../base/index.ts';

/** What `listen` emits; a lease is held only until it listens, so that listening keeps no instance from being replaced. */
export function listening$<Raw>(leases: Leases<Raw>, listen: (raw: Raw) => Observable<unknown>): Observable<unknown> {
  return new Observable((subscriber) => {
    const stop = new AbortController();
    subscriber.add(() => stop.abort());
    leases.lease({ signal: stop.signal }).then(
      (lease) => {
        subscriber.add(() => lease.release());
        if (subscriber.closed) return;
        const heard = (said: unknown): void => {
          lease.release();
          subscriber.next(said);
        };
        try {
          subscriber.add(
            listen(lease.raw).subscribe({
              next: heard,
              error: (error: unknown) => subscriber.error(error),
              complete: () => subscriber.complete(),
            }),
          );
        } catch (error) {
          subscriber.error(error);
        }
      },
      (error: unknown) => subscriber.error(error),
    );
  });
}
