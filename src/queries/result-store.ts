import type { Row } from './statement.ts';

/** Rows and when they were read, in milliseconds since the epoch. */
export interface KeptRows {
  readonly rows: readonly Row[];
  readonly at: number;
}

/** What is known of a cached result besides its key. */
export interface ResultLabels {
  /** What decides which data the connection sees. */
  readonly scope: string;
  readonly sql: string;
  readonly tags: readonly string[];
}

/** Which results to forget: within one scope those of a statement or with one of the tags; all without either. */
export interface ForgetResults {
  readonly scope: string;
  readonly sql?: string | undefined;
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
  forget(which: ForgetResults): Promise<void>;
}
