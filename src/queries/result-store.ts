import type { Row } from './statement.ts';

/** Rows and when they were read, in milliseconds since the epoch. */
export interface KeptRows {
  /** As they were read. */
  readonly rows: readonly Row[];
  /** When, in milliseconds since the epoch. */
  readonly at: number;
}

/** What is known of a cached result besides its key. */
export interface ResultLabels {
  /** What decides which data the connection sees. */
  readonly scope: string;
  /** The statement. */
  readonly sql: string;
  /** What the caller called it. */
  readonly tags: readonly string[];
}

/** Which results to forget: within one scope those of a statement or with one of the tags; all without either. */
export interface ForgetResults {
  /** What decides which data the connection sees. */
  readonly scope: string;
  /** Those of this statement. */
  readonly sql?: string | undefined;
  /** Those with one of these tags. */
  readonly tags?: readonly string[] | undefined;
}

/**
 * The second level of the query cache, shared between processes. It is asked once per miss of this process;
 * a failure of it is a miss, never an error of the query.
 */
export interface ResultStore {
  /** The rows of a key, or `undefined`. */
  read(key: string, labels: ResultLabels): Promise<KeptRows | undefined>;
  /** Keeps rows for up to `lifetime` milliseconds. */
  write(key: string, kept: KeptRows, labels: ResultLabels, lifetime: number): Promise<void>;
  /** Forgets results: those of a statement, of tags, or of a whole scope. */
  forget(which: ForgetResults): Promise<void>;
}
