import { distinctUntilChanged, Observable, ReplaySubject, share } from 'rxjs';
import { SourceError } from '../errors/index.ts';

/** A value that a source may hold. Dates and bigints come from TOML. */
export type SecretValue = string | number | bigint | boolean | Date | null | readonly SecretValue[] | SecretTree;

/** A table of secrets. */
export interface SecretTree {
  readonly [key: string]: SecretValue;
}

/** The trust in a source: `local` values may refer to variables, files and modules of this machine, `remote` ones may not. */
export type Trust = 'local' | 'remote';

/** A problem that the owner of a source should mend: others may read a file, git keeps it, or it is no text. */
export interface SourceWarning {
  /** The kind of problem. */
  readonly code:
    | 'readable_by_others'
    | 'mount_readable_by_others'
    | 'tracked_by_git'
    | 'not_ignored_by_git'
    | 'not_text'
    | 'not_watched'
    | 'mount_replaced';
  /** The problem in words, and what to do about it. */
  readonly message: string;
}

/** @inline */
interface StateBase {
  /** The trust in its values. Default: `remote`. */
  readonly trust?: Trust;
}

/** A state of a source. Each replaces the one before it, except that `failed` and `missing` keep the last good secrets in use. */
export type SourceState =
  | (StateBase & {
      /** It was read; its secrets replace those before them. */
      readonly state: 'loaded';
      /** All of its secrets. */
      readonly secrets: SecretTree;
      /** The origin of a value, where it is more precise than the source's name (a file of a directory). */
      readonly originOf?: (path: readonly string[]) => string | undefined;
      /**
       * The paths of values that are there and empty, such as a file of a directory. One that was not empty before is a
       * bad save, as it is when all of `secrets` is empty. Default: none.
       */
      readonly blank?: readonly (readonly string[])[];
      /** Warnings about the source itself, although it could be read. */
      readonly warnings?: readonly SourceWarning[];
    })
  | (StateBase & {
      /** It is not there. */
      readonly state: 'missing';
      /** The reason why that is an error. Without one it may be missing, and is empty. */
      readonly error?: SourceError;
    })
  | (StateBase & {
      /** It cannot be read. */
      readonly state: 'failed';
      /** The reason. */
      readonly error: SourceError;
    });

/**
 * A store of secrets that may change. Any Observable of states is one; a source of your own is remote
 * unless its states say `trust: 'local'`.
 *
 * @example
 * const vault: Source = Object.assign(vault$.pipe(map((secrets) => ({ state: 'loaded', secrets }) as const)), { label: 'vault' });
 */
export interface Source extends Observable<SourceState> {
  /** Its name in events, origins and errors. Default: `source 1`, `source 2`, … */
  readonly label?: string;
  /** Reads the source again; resolves when the result has been emitted. Called by `reload()`. */
  readonly look?: () => Promise<void>;
}

/**
 * Makes a Source of its states: shared by all subscribers, the last state replayed, an error emitted once.
 * Secrets that are read again are compared later, by whoever keeps them.
 */
export function asSource(states$: Observable<SourceState>, also: Pick<Source, 'label' | 'look'>): Source {
  const shared$ = states$.pipe(distinctUntilChanged(alike), share({ connector: () => new ReplaySubject(1) }));
  return Object.assign(new Observable<SourceState>((subscriber) => shared$.subscribe(subscriber)), also);
}

function alike(a: SourceState, b: SourceState): boolean {
  if (a === b) return true;
  return a.state !== 'loaded' && a.state === b.state && a.error?.message === b.error?.message;
}

/** The end of every message about a file's contents. */
export const mend = 'Mend it; what was loaded before stays in use.';

/** The state of a source that could not be read. A foreign error may quote a secret, so it is not shown. */
export function failedState(label: string, thrown: unknown): SourceState {
  const error =
    thrown instanceof SourceError ? thrown : new SourceError('source_invalid', `${label} cannot be read. ${mend}`);
  return { state: 'failed', trust: 'local', error };
}
