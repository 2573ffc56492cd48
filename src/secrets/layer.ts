import {
  catchError,
  concat,
  defer,
  EMPTY,
  ignoreElements,
  type Observable,
  of,
  type SchedulerLike,
  switchMap,
  timer,
} from 'rxjs';
import type { Source } from '../sources/source.ts';
import { type Reading, readings$ } from './reading.ts';
import { emptyTree } from './tree.ts';
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
 * written in two halves is often valid after the first.
 */
export function layer$(source: Source, label: string, scheduler: SchedulerLike): Observable<Layer> {
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

function nothing({ trust }: Reading): Good {
  return { tree: emptyTree, references: [], trust };
}
