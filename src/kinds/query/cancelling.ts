import { from, Observable } from 'rxjs';

/** What `call` resolves to, on each subscription; unsubscribing fires its signal. */
export function cancelling$<T>(call: (signal: AbortSignal) => Promise<T>): Observable<T> {
  return new Observable((subscriber) => {
    const stop = new AbortController();
    subscriber.add(() => stop.abort());
    from(call(stop.signal)).subscribe(subscriber);
  });
}
