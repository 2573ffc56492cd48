import type { HotlineError } from '../errors/index.ts';
import type { Trust } from '../sources/source.ts';

/** What a source is doing, without a secret in it. */
export interface SourceStatus {
  /** What events, origins and errors call it. */
  readonly label: string;
  /**
   * - `waiting`: it has not said anything yet
   * - `loaded`: its last word is in use
   * - `missing`: it is not there; what it said last stays in use
   * - `failed`: its last word cannot be used; the one before it stays in use
   */
  readonly state: 'waiting' | 'loaded' | 'missing' | 'failed';
  /** When this state began, in milliseconds since the epoch. */
  readonly since: number;
  /** Why its last word cannot be used, or it is not there. */
  readonly error?: HotlineError;
  /** Whether what it says may reach into this machine. */
  readonly trust: Trust;
}

/**
 * What happened to the secrets. `at` is in milliseconds since the epoch.
 *
 * @inline
 */
export type SecretsEvent =
  | { readonly type: 'source.loaded'; readonly at: number; readonly source: string }
  | { readonly type: 'source.missing'; readonly at: number; readonly source: string; readonly error?: HotlineError }
  | { readonly type: 'source.failed'; readonly at: number; readonly source: string; readonly error: HotlineError }
  | {
      readonly type: 'warning';
      readonly at: number;
      readonly code: string;
      readonly message: string;
      readonly source?: string;
    };
