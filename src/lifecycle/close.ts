import { catchError, defer, endWith, ignoreElements, map, merge, of, take, type Observable } from 'rxjs';
import { after } from '../duration/index.ts';
import { OpenError } from '../errors/index.ts';
import type { Host } from './host.ts';
import type { Resource } from './resource.ts';

/** Closes within `closeTimeout`; emits once: nothing, or why it was given up. Never errors. */
export function close$<Raw>(
  resource: Pick<Resource<Raw, never>, 'close'>,
  raw: Raw,
  closeTimeout: number,
  { scheduler, force$ }: Pick<Host, 'scheduler' | 'force$'>,
): Observable<OpenError | undefined> {
  return defer(() => {
    const stop = new AbortController();
    const closed$ = defer(() => resource.close(raw, stop.signal)).pipe(ignoreElements(), endWith(undefined));
    const deadline$ = merge(
      after(closeTimeout, scheduler).pipe(map(() => `took longer than ${closeTimeout} ms (closeTimeout)`)),
      force$.pipe(map(() => 'had not ended when the timeout of close() was over')),
    ).pipe(
      map((why) => {
        stop.abort();
        return new OpenError('close_failed', `disconnect ${why}; it was abandoned.`);
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
