// A stream that is read no faster than its consumer may be called.
import { asyncScheduler, defer, forkJoin, timer } from 'rxjs';

/**
 * A `project` for `batches$` that works on no more than so many rows a second: the next batch is asked for when the work is done and
 * the time of its rows is over.
 */
export function atMost(rowsPerSecond, work, scheduler = asyncScheduler) {
  return (rows) =>
    forkJoin([defer(() => work(rows)), timer((1000 * rows.length) / rowsPerSecond, scheduler)], (result) => result);
}
