import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  BehaviorSubject,
  combineLatest,
  connect,
  distinctUntilChanged,
  firstValueFrom,
  from,
  map,
  merge,
  share,
  startWith,
  switchMap,
  takeUntil,
  type Observable,
} from 'rxjs';
import { after, milliseconds, upkeepScheduler, type Duration } from '../duration/index.ts';
import { ConfigError, readable, SourceError } from '../errors/index.ts';
import { givenOptions } from '../known-options.ts';
import { directoryWarnings, fileWarnings, unwatchedWarning } from './file-warnings.ts';
import { asSource, failedState, type Source, type SourceState, type SourceWarning } from './source.ts';
import { sameBytes, type Contents } from './watch/contents.ts';
import { unreadable } from './watch/scan.ts';
import { watchPath$ } from './watch/watch-path.ts';

/** The absolute form of a path or `file:` URL: `~` is the home directory, a relative path starts at the working directory. */
export function absolutePath(path: string | URL, home: () => string = homeDirectory): string {
  return readable(undefined, () => absolute(path, home));
}

function absolute(path: string | URL, home: () => string): string {
  if (typeof path === 'string' ? /^file:/i.test(path) : isUrl(path)) return pathOfUrl(path);
  if (typeof path !== 'string' || path === '')
    throw new ConfigError('invalid_argument', 'path: expected the path of a file or directory, or a file: URL.');
  if (path === '~') return home();
  return /^~[/\\]/.test(path) ? join(home(), path.slice(2)) : resolve(path);
}

/** A user that the system does not know, without HOME, has none: that matters to a path with `~` alone. */
function homeDirectory(): string {
  try {
    return homedir();
  } catch {
    const message = 'path: ~ is the home directory, and this user has none. Set HOME, or write an absolute path.';
    throw new ConfigError('invalid_argument', message);
  }
}

/** A URL of another realm is no instance of ours. */
function isUrl(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'href' in value;
}

function pathOfUrl(url: string | URL): string {
  try {
    // `file:secrets.toml` would be `/secrets.toml`, which nobody means.
    if (typeof url !== 'string' || /^file:[/\\]/i.test(url)) return fileURLToPath(url);
  } catch {
    // It is one of another host, of another scheme, or has an encoded slash.
  }
  throw new ConfigError(
    'invalid_argument',
    'path: expected a file: URL of this machine, such as file:///run/secrets.toml.',
  );
}

/** Options for watching a file or directory. */
export interface WatchOptions {
  /**
   * The time without a change after which a file that is written in place is read; milliseconds or `'60ms'`.
   * A file that is renamed into place is read at once. Default: 60. `0`: at once, so that half a file may be read;
   * `Infinity` throws.
   */
  readonly settle?: Duration;
  /** Ask every 250 ms instead of waiting for the operating system to tell: for network mounts. Default: `false`. */
  readonly usePolling?: boolean;
}

/** The options as the watcher takes them. */
export function watchOptions({ settle = 60, usePolling = false }: WatchOptions): {
  settle: number;
  usePolling: boolean;
} {
  const wait = milliseconds(settle, 'settle');
  if (wait === Infinity)
    throw new ConfigError('invalid_argument', 'settle: Infinity would never read a file that is written in place.');
  return { settle: wait, usePolling };
}

/** Options for reading and watching a source made of files. */
export interface FileOptions extends WatchOptions {
  /** Lets it be missing: it is empty then, and read as soon as it appears. Default: `false`. */
  readonly optional?: boolean;
}

/** The names of those options. */
export const fileOptionNames = ['optional', 'settle', 'usePolling'] satisfies (keyof FileOptions)[];

/** A file (whose only name is `''`) or a directory that could be read. */
export type Found = Extract<Contents, { kind: 'file' | 'directory' }>;

/** Options for a source that may be a directory. */
export interface DirectoryOptions extends FileOptions {
  /**
   * Tells whether a file or folder of the directory is passed over, by its path inside it, such as `connections/pets/url`. What editors,
   * desktops and version control leave there (`.DS_Store`, swap files, `.git`) always is. Default: nothing else.
   */
  readonly ignore?: (path: string) => boolean;
}

const directoryOptionNames = [...fileOptionNames, 'ignore'] satisfies (keyof DirectoryOptions)[];

/** One state, or several of which the last one stays. */
type Parsed = SourceState | readonly SourceState[];

type Parse = (found: Found) => Parsed | Promise<SourceState>;

/** The source of what `parse` makes of a path's contents; the errors that it throws are states. With `file`, no directory is entered. */
export function pathSource(path: string, options: DirectoryOptions, parse: Parse, file = false): Source {
  const { optional = false, ignore, ...rest } = givenOptions(options, file ? fileOptionNames : directoryOptionNames);
  let look = () => Promise.resolve();
  if (ignore !== undefined && typeof ignore !== 'function')
    throw new ConfigError('invalid_argument', 'ignore: expected a function that tells whether a path is passed over.');
  let parsing: Parsed | Promise<SourceState>;
  const onStart = (started: () => Promise<void>) => void (look = started);
  const unwatched$ = new BehaviorSubject<readonly SourceWarning[]>([]);
  const onUnwatched = (found: string, code: string) => {
    // One for all: what is said of the first is true of the others.
    if (unwatched$.value.length === 0) unwatched$.next([unwatchedWarning(found, code)]);
  };
  const contents$ = watchPath$(path, { ...watchOptions(rest), file, ignore, onStart, onUnwatched });
  const states$ = contents$.pipe(
    connect((shared$) =>
      combineLatest([
        shared$.pipe(
          distinctUntilChanged(sameBytes),
          map((contents) => (parsing = state(path, contents, optional, parse))),
          // What was read since makes the result of an older parse worthless.
          switchMap((state) => (state instanceof Promise ? orLate(path, state) : 'state' in state ? [state] : state)),
        ),
        warnings$(path, shared$),
        unwatched$,
      ]),
    ),
    map(([state, ...found]) => {
      const warnings = found.flat();
      return state.state === 'loaded' && warnings.length > 0
        ? { ...state, warnings: [...(state.warnings ?? []), ...warnings] }
        : state;
    }),
  );
  const lookAndParse = async (): Promise<void> => {
    await look();
    if (parsing instanceof Promise) await firstValueFrom(orLate(path, parsing));
  };
  return asSource(states$, { label: path, look: lookAndParse });
}

/** The time after which a promise of `parse` counts as failed, in milliseconds; its result is taken when it comes all the same. */
const longestParse = 30_000;

function orLate(path: string, parsing: Promise<SourceState>): Observable<SourceState> {
  const message = `${path}: parse has not ended within 30 s. What was loaded before stays in use.`;
  const late: SourceState = { state: 'failed', trust: 'local', error: new SourceError('source_silent', message) };
  const parsed$ = from(parsing).pipe(share());
  return merge(
    parsed$,
    after(longestParse, upkeepScheduler).pipe(
      map(() => late),
      takeUntil(parsed$),
    ),
  );
}

/** The state for the contents of a path, or for the error that `parse` throws. */
function state(path: string, contents: Contents, optional: boolean, parse: Parse): ReturnType<Parse> {
  if (contents.kind === 'missing') return missing(path, optional);
  try {
    if (contents.kind === 'unreadable') throw unreadable(contents);
    const parsed = parse(contents);
    return parsed instanceof Promise ? parsed.catch((error: unknown) => failedState(path, error)) : parsed;
  } catch (error) {
    return failedState(path, error);
  }
}

function missing(path: string, optional: boolean): SourceState {
  if (optional) return { state: 'missing', trust: 'local' };
  const error = new SourceError('source_missing', `${path} is not there. Create it, or mark it { optional: true }.`);
  return { state: 'missing', trust: 'local', error };
}

/** The warnings about a file or directory, looked up after its first state (git is slow) and again when permissions change. */
function warnings$(path: string, contents$: Observable<Contents>): Observable<readonly SourceWarning[]> {
  return contents$.pipe(
    map((contents) => exposed(contents, path)),
    distinctUntilChanged((a, b) => a?.path === b?.path && a?.mode === b?.mode),
    switchMap((found) => {
      if (found === undefined) return [[]];
      return found.inside ? directoryWarnings(found.path) : fileWarnings(path);
    }),
    startWith([]),
  );
}

/** The file whose permissions are looked at: of a directory the one that is most open. */
function exposed(contents: Contents, root: string): { path: string; mode: number; inside: boolean } | undefined {
  if (contents.kind !== 'file' && contents.kind !== 'directory') return undefined;
  const open = (mode: number): number => (mode & 0o007 ? 2 : mode & 0o070 ? 1 : 0);
  let most: { path: string; mode: number } | undefined;
  for (const [name, { mode }] of contents.files)
    if (!most || open(mode) > open(most.mode)) most = { path: join(root, name), mode };
  return most && { ...most, inside: contents.kind === 'directory' };
}
