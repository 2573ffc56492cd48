import {
  catchError,
  defer,
  endWith,
  ignoreElements,
  map,
  merge,
  of,
  take,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import { after } from '../duration/index.ts';
import { OpenError } from '../errors/index.ts';
import type { Resource } from './resource.ts';

/** Closes within `closeTimeout`; emits once: nothing, or why it was given up. Never errors. */
export function close$<Raw>(
  resource: Pick<Resource<Raw, never>, 'close'>,
  raw: Raw,
  closeTimeout: number,
  scheduler: SchedulerLike,
): Observable<OpenError | undefined> {
  return defer(() => {
    const stop = new AbortController();
    const closed$ = defer(() => resource.close(raw, stop.signal)).pipe(ignoreElements(), endWith(undefined));
    const deadline$ = after(closeTimeout, scheduler).pipe(
      map(() => {
        stop.abort();
        return new OpenError(
          'close_failed',
          `disconnect took longer than ${closeTimeout} ms (closeTimeout); it was abandoned.`,
        );
      }),
    );
    return merge(closed$, deadline$).pipe(
      take(1),
      catchError((cause: unknown) =>
        of(new OpenError('close_failed', 'disconnect failed; the instance was abandoned.', { cause })),
      ),
    );
  });
}
