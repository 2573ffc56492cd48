import type { HotlineError } from '../../errors/index.ts';

/**
 * - `idle`: nothing is open and nobody waits
 * - `opening`: the first instance is being opened
 * - `ready`: an instance serves
 * - `replacing`: an instance serves while the next one is opened and checked
 * - `degraded`: an instance serves, and the next one could not be opened
 * - `failed`: nothing is open, and the last attempt failed
 * - `closed`: the registry is closed
 */
export type ConnectionState = 'idle' | 'opening' | 'ready' | 'replacing' | 'degraded' | 'failed' | 'closed';

/** The status of a connection, without a secret in it. */
export interface ConnectionStatus {
  /** The identity. */
  readonly id: string;
  /** The name it was asked for by. */
  readonly name: string;
  /** Its status. */
  readonly state: ConnectionState;
  /** The number of the current instance; 0 before the first. */
  readonly generation: number;
  /** The time when this state began, in milliseconds since the epoch. */
  readonly since: number;
  /** The error of the last attempt; while it is `degraded`, `failed` or tries again. */
  readonly error?: HotlineError;
  /** The time of the next attempt, in milliseconds since the epoch. */
  readonly nextRetryAt?: number;
  /** A pooler such as PgBouncer stands between the open instance and its server. Absent where none was recognised. */
  readonly pooler?: true;
}
