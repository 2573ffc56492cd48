import type { Observable } from 'rxjs';
import type { SourceError } from '../errors/index.ts';

/** A value that a source may hold. Dates and bigints come from TOML. */
export type SecretValue = string | number | bigint | boolean | Date | null | readonly SecretValue[] | SecretTree;

/** A table of secrets. */
export interface SecretTree {
  readonly [key: string]: SecretValue;
}

/** Whether a source may be trusted with what reaches into the machine: interpolation, module paths, local files. */
export type Trust = 'local' | 'remote';

/** Something about a source that its owner should mend: who may read the file, what git does with it. */
export interface SourceWarning {
  /** What is wrong. */
  readonly code: 'readable_by_others' | 'tracked_by_git' | 'not_ignored_by_git';
  /** The same in words, with what to do. */
  readonly message: string;
}

/** @inline */
interface StateBase {
  /** Whether what it says may reach into this machine. Default: `remote`. */
  readonly trust?: Trust;
}

/** What a source says of itself; each state replaces the one before it, except that `failed` and `missing` keep the last good secrets in use. */
export type SourceState =
  | (StateBase & {
      /** It can be read; what it says replaces what it said before. */
      readonly state: 'loaded';
      /** All that it holds. */
      readonly secrets: SecretTree;
      /** Where a value was written, more precisely than the source's name (a file of a directory). */
      readonly originOf?: (path: readonly string[]) => string | undefined;
      /**
       * The paths of what is there and empty, such as a file of a directory. Where it held something before, that is
       * a bad save, as it is when all of `secrets` is empty. Default: none.
       */
      readonly blank?: readonly (readonly string[])[];
      /** What is wrong with the source itself, though it could be read. */
      readonly warnings?: readonly SourceWarning[];
    })
  | (StateBase & {
      /** It is not there. */
      readonly state: 'missing';
      /** Why that is wrong. Without one it may be missing, and holds nothing. */
      readonly error?: SourceError;
    })
  | (StateBase & {
      /** It cannot be read. */
      readonly state: 'failed';
      /** Why. */
      readonly error: SourceError;
    });

/**
 * Something that holds secrets and may change. Any Observable of states is one; a source of your own is remote
 * unless its states say `trust: 'local'`.
 *
 * @example
 * const vault: Source = Object.assign(vault$.pipe(map((secrets) => ({ state: 'loaded', secrets }) as const)), { label: 'vault' });
 */
export interface Source extends Observable<SourceState> {
  /** What events, origins and errors call it. Default: `source 1`, `source 2`, … */
  readonly label?: string;
  /** Looks again now; resolves when what it found has been emitted. Called by `reload()`. */
  readonly look?: () => Promise<void>;
}
