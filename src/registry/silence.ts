import { map, takeUntil, withLatestFrom, type Observable, type SchedulerLike } from 'rxjs';
import { after } from '../duration/index.ts';
import { SourceError } from '../errors/index.ts';
import type { Load, SecretsFeed } from '../secrets/index.ts';

/** A failed load when a feed has said nothing for `patience` milliseconds, so that whoever waits for it is told. */
export function silence$(
  { load$, sources$ }: Pick<SecretsFeed, 'load$' | 'sources$'>,
  patience: number,
  scheduler: SchedulerLike,
): Observable<Load> {
  return after(patience, scheduler).pipe(
    withLatestFrom(sources$),
    map(([, sources]) => {
      const silent = sources.filter(({ state }) => state === 'waiting').map(({ label }) => label);
      const error = new SourceError(
        'source_silent',
        `${silent.join(', ')} said nothing within ${patience} ms (openTimeout). hotline goes on when it does.`,
      );
      return { state: 'failed', error } as const;
    }),
    takeUntil(load$),
  );
}
