import { concat, defer, ignoreElements, NEVER, timer, type Observable, type SchedulerLike } from 'rxjs';
import { ConfigError } from '../errors/index.ts';

/** The longest delay that a timer of the platform can hold; a longer one fires at once. */
const longest = 2 ** 31 - 1;

/** Emits once and completes after `delay` milliseconds, however many; never when it is `Infinity`. */
export function after(delay: number, scheduler: SchedulerLike): Observable<unknown> {
  if (!(delay > -Infinity)) throw new ConfigError('invalid_argument', 'A delay must be a number of milliseconds.');
  if (delay === Infinity) return NEVER;
  if (delay <= longest) return timer(delay, scheduler);
  const rest$ = defer(() => after(delay - longest, scheduler));
  return concat(timer(longest, scheduler).pipe(ignoreElements()), rest$);
}
