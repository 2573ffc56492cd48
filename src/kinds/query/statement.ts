/** Values for the placeholders of a statement: an array for `?`, an object for `:name`. */
export type Params = readonly unknown[] | Readonly<Record<string, unknown>>;

/** A statement as it is sent to the server. */
export interface Statement {
  /** The text, as the kind sends it. */
  readonly sql: string;
  /** The bound values. */
  readonly params?: Params | undefined;
  /** Whatever else of a kind's own decides which rows come back; it is part of the cache key. */
  readonly options?: unknown;
}

/** One row by the names of its columns. */
export type Row = Record<string, unknown>;

/** The result of a statement. */
export interface Result<R = Row> {
  /** Empty where the statement returns none. */
  readonly rows: R[];
  /** Rows returned or, for a statement that writes, rows changed. */
  readonly rowCount: number;
  /**
   * The number that the database gave the row that was inserted: the key of AUTO_INCREMENT, IDENTITY or the rowid of SQLite; of several
   * rows MySQL gives the first and the others the last. A number while that is exact, else text or a bigint, as every integer. Absent
   * where nothing was inserted or the statement returns rows, and on PostgreSQL and Oracle, which have `returning`.
   */
  readonly insertId?: number | string | bigint;
  /** The results of several statements in one text, in their order: Snowflake only. Absent for a single one. */
  readonly results?: readonly Result[];
}

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
