// One value for one change: of several queries, and of several connections.
import { combineLatest, distinctUntilChanged, filter, forkJoin, map, startWith, switchMap } from 'rxjs';

/**
 * The rows of several queries as one object, once when an instance is ready and once for each value of `changed$`: they are
 * asked together, and the object is emitted when the last one has answered.
 */
export function together$(connection$, queries, changed$) {
  const ask = (db) =>
    forkJoin(Object.fromEntries(Object.entries(queries).map(([name, sql]) => [name, db.query$(sql)])));
  return connection$.pipe(
    switchMap((db) =>
      changed$.pipe(
        startWith(undefined),
        switchMap(() => ask(db)),
      ),
    ),
  );
}

/**
 * The generations of several connections, when all of them serve: once for a save that replaces all of them, since each says
 * `replacing` before the first is ready.
 */
export function serving$(handles) {
  return combineLatest(handles.map(({ status$ }) => status$)).pipe(
    filter((statuses) => statuses.every(({ state }) => state === 'ready')),
    map((statuses) => statuses.map(({ generation }) => generation)),
    distinctUntilChanged((before, after) => before.every((generation, index) => generation === after[index])),
  );
}
