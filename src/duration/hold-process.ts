import { Observable } from 'rxjs';

/**
 * While subscribed to, keeps the process alive; emits nothing.
 * Upkeep timers are unref'd, so somebody who waits for a first value or for `close()` holds the process by this.
 */
export const holdProcess$ = new Observable<never>(() => {
  const handle = setInterval(() => undefined, 2 ** 31 - 1);
  return () => clearInterval(handle);
});
