import { Observable } from 'rxjs';
import type { Lease, Leases } from '../base/index.ts';

/**
 * What `listen` emits; a lease is held only until it listens, so that listening keeps no instance from being replaced.
 * What the driver throws goes out as `outgoing` makes it.
 */
export function listening$<Raw>(
  leases: Leases<Raw>,
  listen: (raw: Raw) => Observable<unknown>,
  outgoing: (error: unknown, lease: Lease<Raw>) => unknown,
): Observable<unknown> {
  return new Observable((subscriber) => {
    const stop = new AbortController();
    subscriber.add(() => stop.abort());
    leases.lease({ signal: stop.signal }).then(
      (lease) => {
        subscriber.add(() => lease.release());
        if (subscriber.closed) return;
        const fail = (error: unknown): void => subscriber.error(outgoing(error, lease));
        const heard = (said: unknown): void => {
          lease.release();
          subscriber.next(said);
        };
        try {
          subscriber.add(
            listen(lease.raw).subscribe({
              next: heard,
              error: fail,
              complete: () => subscriber.complete(),
            }),
          );
        } catch (error) {
          fail(error);
        }
      },
      (error: unknown) => subscriber.error(error),
    );
  });
}
