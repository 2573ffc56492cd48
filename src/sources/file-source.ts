import { combineLatest, connect, distinctUntilChanged, map, startWith, switchMap, type Observable } from 'rxjs';
import { readable, SourceError } from '../errors/index.ts';
import { asSource } from './as-source.ts';
import { failedState } from './failed-state.ts';
import { fileWarnings } from './file-warnings.ts';
import type { Source, SourceState, SourceWarning } from './source.ts';
import { watchOptions, type WatchOptions } from './watch-options.ts';
import { sameBytes, type Contents } from './watch/contents.ts';
import { unreadable } from './watch/unreadable.ts';
import { watchPath$ } from './watch/watch-path.ts';

/** How a source made of files is read and watched. */
export interface FileOptions extends WatchOptions {
  /** Whether it may be missing: then it holds nothing, and is read as soon as it appears. Default: `false`. */
  readonly optional?: boolean;
}

/** A file (whose only name is `''`) or a directory that could be read. */
export type Found = Extract<Contents, { kind: 'file' | 'directory' }>;

/** The source of what `parse` makes of a path's contents; the errors that it throws are states. */
export function fileSource(path: string, options: FileOptions, parse: (found: Found) => SourceState): Source {
  const { optional = false, ...rest } = readable(undefined, () => ({ ...options }));
  let look = () => Promise.resolve();
  const contents$ = watchPath$(path, { ...watchOptions(rest), onStart: (started) => void (look = started) });
  const states$ = contents$.pipe(
    connect((shared$) =>
      combineLatest([
        shared$.pipe(
          distinctUntilChanged(sameBytes),
          map((contents) => state(path, contents, optional, parse)),
        ),
        warnings$(path, shared$),
      ]),
    ),
    map(([state, warnings]) => (state.state === 'loaded' && warnings.length > 0 ? { ...state, warnings } : state)),
  );
  return asSource(states$, { label: path, look: () => look() });
}

/** A state for each thing that can be at a path, and for what `parse` throws. */
function state(path: string, contents: Contents, optional: boolean, parse: (found: Found) => SourceState): SourceState {
  if (contents.kind === 'missing') return missing(path, optional);
  try {
    if (contents.kind === 'unreadable') throw unreadable(contents);
    return parse(contents);
  } catch (error) {
    return failedState(path, error);
  }
}

function missing(path: string, optional: boolean): SourceState {
  if (optional) return { state: 'missing', trust: 'local' };
  const error = new SourceError('source_missing', `${path} is not there. Create it, or mark it { optional: true }.`);
  return { state: 'missing', trust: 'local', error };
}

/** What is wrong with a file, looked up behind its first state and again when its permissions change: git takes its time. */
function warnings$(path: string, contents$: Observable<Contents>): Observable<readonly SourceWarning[]> {
  return contents$.pipe(
    map((contents) => (contents.kind === 'file' ? contents.files.get('')?.mode : undefined)),
    distinctUntilChanged(),
    switchMap((mode) => (mode === undefined ? [[]] : fileWarnings(path))),
    startWith([]),
  );
}
