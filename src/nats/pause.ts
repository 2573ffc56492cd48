import { Observable } from 'rxjs';

/** Emits once after so many milliseconds, by a timer that does not keep the process alive. */
export function pause$(milliseconds: number): Observable<void> {
  return new Observable((subscriber) => {
    const timer = setTimeout(() => {
      subscriber.next();
      subscriber.complete();
    }, milliseconds).unref();
    return () => clearTimeout(timer);
  });
}
