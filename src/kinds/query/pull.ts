import { concatAll, finalize, from, mergeAll, Observable, ReplaySubject, Subject, type ObservableInput } from 'rxjs';
import { ConfigError, readable } from '../../errors/index.ts';
import { givenOptions } from '../../known-options.ts';

/** The source that is pulled from: an AsyncIterable, or a function that makes one and stops waiting when the signal fires. */
export type PullSource<T> = AsyncIterable<T> | ((context: { readonly signal: AbortSignal }) => AsyncIterable<T>);

/** How many values are worked on at once. */
export interface PullOptions {
  /**
   * The most values that `project` works on at once; no more than these are held, and the source is asked for the next one when one of them
   * has ended. Default: 1. `Infinity` and `0` are refused.
   */
  readonly concurrency?: number | undefined;
  /** `true`: what `project` makes comes in the order of the source, and waits for it. Default `false`: as it is made. */
  readonly ordered?: boolean | undefined;
}

/**
 * Emits what `project` makes of each value of `source`; the next value is asked for when that promise or Observable has ended,
 * with `concurrency` when one of so many has. `concatMap` and `mergeMap` cannot do that: they have no way to ask, so everything is
 * read and queued before them. Unsubscribing closes the iterator at once, also while it waits for a value.
 *
 * @throws ConfigError `invalid_argument`, as an error of the Observable.
 * @example
 * pull$(pets.batches('select * from pet'), (rows) => post('/pets', rows), { concurrency: 4 }).subscribe();
 */
export function pull$<T, R>(
  source: PullSource<T>,
  project: (value: T, index: number) => ObservableInput<R>,
  options: PullOptions = {},
): Observable<R> {
  return new Observable<R>((subscriber) => {
    const { concurrency = 1, ordered = false } = givenOptions(options, ['concurrency', 'ordered'], 'pull$');
    const stop = new AbortController();
    const iterable = typeof source === 'function' ? source({ signal: stop.signal }) : source;
    refuseUnusable(iterable, project, concurrency);
    const iterator = iterable[Symbol.asyncIterator]();
    const made$ = new Subject<Observable<R>>();
    let index = 0;
    let held = 0;
    let asking = false;
    let ended = false;
    const fail = (error: unknown): void => {
      ended = true;
      subscriber.error(error);
    };
    const pull = (): void => {
      if (asking || ended || subscriber.closed || held >= concurrency) return;
      asking = true;
      iterator.next().then(step, fail);
    };
    const step = (result: IteratorResult<T>): void => {
      asking = false;
      if (subscriber.closed) return;
      if (result.done) {
        ended = true;
        return made$.complete();
      }
      held++;
      const projected = run(result.value);
      if (!projected) return;
      made$.next(
        projected.pipe(
          finalize(() => {
            held--;
            pull();
          }),
        ),
      );
      pull();
    };
    const run = (value: T): Observable<R> | undefined => {
      try {
        const projected = project(value, index++);
        const values$ = readable(undefined, () => from(projected));
        return ordered ? started$(values$, subscriber) : values$;
      } catch (error) {
        subscriber.error(error);
        return undefined;
      }
    };
    subscriber.add(() => {
      if (ended) return;
      ended = true;
      stop.abort();
      // Nobody is left to be told that it could not be closed.
      Promise.resolve(iterator.return?.()).catch(() => undefined);
    });
    made$.pipe(ordered ? concatAll() : mergeAll()).subscribe(subscriber);
    pull();
  });
}

/** The values from now on, kept for whoever subscribes later; they end with the subscriber. */
function started$<R>(
  values$: Observable<R>,
  subscriber: { add(teardown: { unsubscribe(): void }): void },
): Observable<R> {
  const kept$ = new ReplaySubject<R>(Infinity);
  subscriber.add(values$.subscribe(kept$));
  return kept$;
}

function refuseUnusable(iterable: unknown, project: unknown, concurrency: unknown): void {
  const refuse = (message: string): never => {
    throw new ConfigError('invalid_argument', message);
  };
  if (!isAsyncIterable(iterable)) refuse('pull$: what is pulled from must be an AsyncIterable.');
  if (typeof project !== 'function') refuse('project: expected a function.');
  if (!Number.isInteger(concurrency) || (concurrency as number) < 1)
    refuse('concurrency: expected a whole number greater than 0.');
}

function isAsyncIterable(value: unknown): boolean {
  try {
    return typeof (value as Partial<AsyncIterable<unknown>> | null)?.[Symbol.asyncIterator] === 'function';
  } catch {
    return false;
  }
}
