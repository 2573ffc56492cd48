import type { Row } from './statement.ts';

/** A result that stays on the server and is read in pieces. */
export interface Cursor<R = Row> {
  /** Up to `count` rows; none means the end. It is never called while an earlier one is pending. */
  read(count: number): Promise<R[]>;
  /**
   * Called exactly once, also while `read` is pending, after an error, and at the end of the rows.
   * It stops the server's work and resolves when the server is really done, so that the connection can be used again.
   */
  close(): Promise<void>;
}
