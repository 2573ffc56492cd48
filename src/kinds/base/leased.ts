import { defer, Observable, type ObservableInput } from 'rxjs';
import type { LeaseContext, Leases } from './leases.ts';

/** What `project` returns, under one lease from subscription to its end; errors when the lease is cut. */
export function leased$<Raw, T>(
  leases: Leases<Raw>,
  project: (raw: Raw, context: LeaseContext) => ObservableInput<T>,
): Observable<T> {
  return new Observable<T>((subscriber) => {
    const stop = new AbortController();
    subscriber.add(() => stop.abort());
    leases.lease({ signal: stop.signal }).then(
      (lease) => {
        subscriber.add(() => lease.release());
        if (subscriber.closed) return;
        const cut = (): void => subscriber.error(lease.signal.reason);
        lease.signal.addEventListener('abort', cut, { once: true });
        subscriber.add(() => lease.signal.removeEventListener('abort', cut));
        defer(() => project(lease.raw, lease)).subscribe(subscriber);
      },
      (error: unknown) => subscriber.error(error),
    );
  });
}
