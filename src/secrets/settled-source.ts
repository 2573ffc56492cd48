import {
  catchError,
  concat,
  defer,
  EMPTY,
  ignoreElements,
  map,
  NEVER,
  of,
  switchMap,
  take,
  takeUntil,
  timer,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import { SourceError } from '../errors/index.ts';
import type { SecretTree, SecretValue, Source } from '../sources/source.ts';
import { merge } from './merge.ts';
import { at, dotted, emptyTree, isEmpty, planted } from './tree.ts';
import { isTable } from '../table.ts';
import { readings$, type Reading } from './reading.ts';
import type { LastGood } from './source-layer.ts';

/** A source with the secrets of it that are in use. */
export interface SettledSource {
  readonly reading: Reading;
  readonly good: LastGood | undefined;
  /** Tells whether `good` has sections that the source no longer has, until a second read confirms that they are gone. */
  readonly holds: boolean;
}

/** The time in milliseconds after which a source is read again to confirm that a section is gone. */
const settle = 60;

/**
 * A source whose vanished sections are kept until a second read confirms that they are gone: a file that is written in
 * two halves is often valid after the first. A source that becomes empty has failed, as a program that fails while it
 * writes leaves an empty file; `accepted$` emits when it was meant.
 */
export function settledSource$(
  source: Source,
  label: string,
  scheduler: SchedulerLike,
  accepted$: Observable<unknown> = NEVER,
): Observable<SettledSource> {
  return defer(() => {
    let settled: LastGood | undefined;
    const found = (reading: Reading, good: LastGood | undefined, holds = false): SettledSource => {
      settled = good;
      return { reading, good, holds };
    };
    return readings$(source, label, scheduler).pipe(
      switchMap((reading) => {
        const { state, good, error } = reading;
        // An optional source that is missing holds nothing.
        if (state === 'missing' && !error) return of(found(reading, settled ?? nothing(reading)));
        if (state !== 'loaded' || !good) return of(found(reading, settled));
        const emptied = settled && emptiedIn(good, settled);
        if (emptied)
          return concat(
            of(found({ ...reading, state: 'failed', error: emptiedError(label, emptied) }, settled)),
            accepted$.pipe(
              take(1),
              map(() => found(reading, good)),
            ),
          );
        const held = settled ? keepVanished(good, settled) : good;
        if (held === good) return of(found(reading, good));
        return concat(
          of(found(reading, held, true)),
          secondRead$(source, scheduler),
          defer(() => of(found(reading, good))),
        );
      }),
    );
  });
}

/** The time after which a look that never ends is no longer waited for, in milliseconds. */
export const longestLook = 30_000;

/** Completes when the source has been read once more. */
function secondRead$(source: Source, scheduler: SchedulerLike): Observable<never> {
  return timer(settle, scheduler).pipe(
    switchMap(() => source.look?.() ?? EMPTY),
    catchError(() => EMPTY),
    ignoreElements(),
    takeUntil(timer(settle + longestLook, scheduler)),
  );
}

/** The path of a table or value of `before` that is empty in `good`; the root when everything is. */
function emptiedIn(good: LastGood, before: LastGood): readonly string[] | undefined {
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

function nothing({ trust }: Reading): LastGood {
  return { tree: emptyTree, references: [], trust };
}

/** Adds to `good` the sections of connections that only `before` has; returns `good` itself when none vanished. */
export function keepVanished(good: LastGood, before: LastGood): LastGood {
  const gone = tablesOfSections(before.tree).flatMap((table) => {
    const sections = at(before.tree, table) as SecretTree;
    const left = at(good.tree, table);
    if (left === sections) return [];
    return missingFrom(isTable(left) ? left : emptyTree, Object.keys(sections))
      .filter((name) => isTable(sections[name]))
      .map((name) => [...table, name]);
  });
  if (gone.length === 0) return good;
  const kept = planted(gone.map((path) => [path, at(before.tree, path)!]));
  return {
    ...good,
    tree: merge([kept, good.tree], { tree: before.tree, tables: [] }),
    sharesWith: before.tree,
    references: [
      ...good.references,
      ...before.references.filter((reference) => gone.some((path) => path.every((key, i) => reference[i] === key))),
    ],
  };
}

function missingFrom(table: SecretTree, names: readonly string[]): readonly string[] {
  const missing: string[] = [];
  for (const name of names) if (!Object.hasOwn(table, name)) missing.push(name);
  return missing;
}

/** The paths of the tables with sections of connections: at the top, and in the overlay of each environment. */
function tablesOfSections(tree: SecretTree): readonly (readonly string[])[] {
  const environments = isTable(tree['env']) ? Object.keys(tree['env']) : [];
  return [['connections'], ...environments.map((name) => ['env', name, 'connections'])].filter((path) =>
    isTable(at(tree, path)),
  );
}
