import { from, Observable, type ObservableInput } from 'rxjs';
import { ConfigError, readable } from '../../errors/index.ts';

/** The source that is pulled from: an AsyncIterable, or a function that makes one and stops waiting when the signal fires. */
export type PullSource<T> = AsyncIterable<T> | ((context: { readonly signal: AbortSignal }) => AsyncIterable<T>);

/**
 * Emits what `project` makes of each value of `source`; the next value is asked for when that promise or Observable has ended.
 * `concatMap` cannot do that: it has no way to ask, so everything is read and queued before it.
 * Unsubscribing closes the iterator at once, also while it waits for a value.
 *
 * @example
 * pull$(pets.batches('select * from pet'), (rows) => post('/pets', rows)).subscribe();
 */
export function pull$<T, R>(
  source: PullSource<T>,
  project: (value: T, index: number) => ObservableInput<R>,
): Observable<R> {
  return new Observable<R>((subscriber) => {
    const stop = new AbortController();
    const iterable = typeof source === 'function' ? source({ signal: stop.signal }) : source;
    if (!isAsyncIterable(iterable))
      return subscriber.error(
        new ConfigError('invalid_argument', 'pull$: what is pulled from must be an AsyncIterable.'),
      );
    if (typeof project !== 'function')
      return subscriber.error(new ConfigError('invalid_argument', 'project: expected a function.'));
    const iterator = iterable[Symbol.asyncIterator]();
    let index = 0;
    let ended = false;
    const fail = (error: unknown): void => {
      ended = true;
      subscriber.error(error);
    };
    const pull = (): void => {
      iterator.next().then(step, fail);
    };
    const step = (result: IteratorResult<T>): void => {
      if (subscriber.closed) return;
      if (result.done) {
        ended = true;
        subscriber.complete();
      } else subscriber.add(run(result.value));
    };
    const run = (value: T) => {
      try {
        const projected = project(value, index++);
        return readable(undefined, () => from(projected)).subscribe({
          next: (made) => subscriber.next(made),
          error: (error: unknown) => subscriber.error(error),
          complete: pull,
        });
      } catch (error) {
        subscriber.error(error);
        return undefined;
      }
    };
    subscriber.add(() => {
      if (ended) return;
      stop.abort();
      // Nobody is left to be told that it could not be closed.
      Promise.resolve(iterator.return?.()).catch(() => undefined);
    });
    pull();
  });
}

function isAsyncIterable(value: unknown): boolean {
  try {
    return typeof (value as Partial<AsyncIterable<unknown>> | null)?.[Symbol.asyncIterator] === 'function';
  } catch {
    return false;
  }
}
