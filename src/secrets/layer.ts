import {
  catchError,
  concat,
  defer,
  EMPTY,
  ignoreElements,
  map,
  NEVER,
  type Observable,
  of,
  type SchedulerLike,
  switchMap,
  take,
  timer,
} from 'rxjs';
import { SourceError } from '../errors/index.ts';
import type { SecretValue, Source } from '../sources/source.ts';
import { dotted } from './path.ts';
import { type Reading, readings$ } from './reading.ts';
import { at, emptyTree, isEmpty, isTable } from './tree.ts';
import type { Good } from './stratum.ts';
import { withVanished } from './vanished.ts';

/** A source as the merge sees it. */
export interface Layer {
  readonly reading: Reading;
  /** The last good word that is believed. */
  readonly good: Good | undefined;
  /** Whether sections are kept in `good` that the source no longer has, until it has been looked at again. */
  readonly holds: boolean;
}

/** How long a section must be gone before that is believed, in milliseconds. */
const settle = 60;

/**
 * One source, with a section that vanished kept in place until a second look finds it still gone: a file that is
 * written in two halves is often valid after the first. A source that held something and holds nothing now has failed:
 * an empty file is what a program leaves that fails while it writes. `accepted$` says that it was meant.
 */
export function layer$(
  source: Source,
  label: string,
  scheduler: SchedulerLike,
  accepted$: Observable<unknown> = NEVER,
): Observable<Layer> {
  return defer(() => {
    let believed: Good | undefined;
    const layer = (reading: Reading, good: Good | undefined, holds = false): Layer => {
      believed = good;
      return { reading, good, holds };
    };
    return readings$(source, label, scheduler).pipe(
      switchMap((reading) => {
        const { state, good, error } = reading;
        // Missing and said to be optional: nothing is there, and that is right.
        if (state === 'missing' && !error) return of(layer(reading, believed ?? nothing(reading)));
        if (state !== 'loaded' || !good) return of(layer(reading, believed));
        const emptied = believed && emptiedIn(good, believed);
        if (emptied)
          return concat(
            of(layer({ ...reading, state: 'failed', error: emptiedError(label, emptied) }, believed)),
            accepted$.pipe(
              take(1),
              map(() => layer(reading, good)),
            ),
          );
        const held = believed ? withVanished(good, believed) : good;
        if (held === good) return of(layer(reading, good));
        return concat(
          of(layer(reading, held, true)),
          secondLook$(source, scheduler),
          defer(() => of(layer(reading, good))),
        );
      }),
    );
  });
}

/** Completes when the source had the time and the occasion to say something newer. */
function secondLook$(source: Source, scheduler: SchedulerLike): Observable<never> {
  return timer(settle, scheduler).pipe(
    switchMap(() => source.look?.() ?? EMPTY),
    catchError(() => EMPTY),
    ignoreElements(),
  );
}

/** The path of what `before` had something in and `good` leaves empty; the root when that is everything. */
function emptiedIn(good: Good, before: Good): readonly string[] | undefined {
  if (isEmpty(good.tree) && !isEmpty(before.tree)) return [];
  return good.blank?.find((path) => holdsSomething(at(before.tree, path)) && !holdsSomething(at(good.tree, path)));
}

function holdsSomething(value: SecretValue | undefined): boolean {
  return isTable(value) ? !isEmpty(value) : value !== undefined && value !== '';
}

function emptiedError(label: string, path: readonly string[]): SourceError {
  const what = path.length > 0 ? `${dotted(path)} is empty in ${label}` : `${label} is empty`;
  return new SourceError(
    'source_emptied',
    `${what}, and was not. What was loaded before stays in use. To empty it on purpose, call reload(), or remove its sections by name and leave a key.`,
  );
}

function nothing({ trust }: Reading): Good {
  return { tree: emptyTree, references: [], trust };
}
