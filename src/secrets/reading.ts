import {
  catchError,
  concat,
  defaultIfEmpty,
  defer,
  distinctUntilChanged,
  from,
  map,
  type Observable,
  of,
  retry,
  scan,
  type SchedulerLike,
  throwError,
  timer,
} from 'rxjs';
import { HotlineError, SourceError } from '../errors/index.ts';
import type { Source, SourceState, Trust } from '../sources/source.ts';
import { adopt } from './adopt.ts';
import type { Good } from './stratum.ts';

/** One word of a source, checked. */
export interface Reading {
  readonly state: 'loaded' | 'missing' | 'failed';
  readonly since: number;
  readonly trust: Trust;
  readonly error?: HotlineError | undefined;
  /** What it says now, or said last. */
  readonly good?: Good | undefined;
}

/** How long after a source threw it is asked again. */
const again = 5_000;

/** What a source says, one reading per change; it neither errors nor completes early, whatever the source does. */
export function readings$(source: Source, label: string, scheduler: SchedulerLike): Observable<Reading> {
  return defer(() => from(source)).pipe(
    defaultIfEmpty<SourceState, SourceState>(failed(`${label} ended without saying anything.`)),
    catchError((cause: unknown) => {
      const state = failed(`${label} threw: ${cause instanceof Error ? cause.name : typeof cause}.`, cause);
      return concat(
        of(state),
        throwError(() => state.error),
      );
    }),
    retry({ delay: () => timer(again, scheduler) }),
    scan((last: Reading | undefined, state: SourceState) => read(state, last, label, scheduler.now()), undefined),
    map((reading) => reading!),
    distinctUntilChanged(
      (a, b) => a.state === b.state && a.good?.tree === b.good?.tree && a.trust === b.trust && a.error === b.error,
    ),
  );
}

function read(given: SourceState, last: Reading | undefined, label: string, now: number): Reading {
  const before = last?.good;
  const trust = given?.trust === 'local' ? 'local' : 'remote';
  const since = (state: Reading['state']): number => (last?.state === state ? last.since : now);
  try {
    switch (given.state) {
      case 'loaded': {
        const { tree, references } = adopt(given.secrets, before?.tree, label);
        const good = { tree, references, trust, originOf: given.originOf } as const;
        return { state: 'loaded', since: now, trust, good };
      }
      case 'missing':
        return { state: 'missing', since: since('missing'), trust, error: given.error, good: before };
      case 'failed':
        return { state: 'failed', since: since('failed'), trust, error: given.error, good: before };
      default:
        throw new SourceError('source_invalid', `${label}: a source says loaded, missing or failed, and nothing else.`);
    }
  } catch (error) {
    const told = error instanceof HotlineError ? error : failed(`${label}: what it says cannot be read.`, error).error;
    return { state: 'failed', since: since('failed'), trust, error: told, good: before };
  }
}

function failed(message: string, cause?: unknown): SourceState & { readonly error: SourceError } {
  return { state: 'failed', error: new SourceError('source_unreadable', message, { cause }) };
}
