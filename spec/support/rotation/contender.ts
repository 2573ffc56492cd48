/** Where a contender shall connect. */
export interface Target {
  readonly url: string;
  /** What a query there finds as `place`. */
  readonly place: string;
}

export type Rows = readonly Record<string, unknown>[];
export type Query = (sql: string) => Promise<Rows>;

/** A way to keep connections to a database whose address and credentials change. */
export interface Contender {
  query: Query;
  transaction(work: (query: Query) => Promise<void>): Promise<void>;
  /** Tells it that the config has changed; resolves when it says that newcomers get the new target. */
  change(target: Target): Promise<void>;
  close(): Promise<void>;
}

export interface ContenderKind {
  readonly name: string;
  open(target: Target): Promise<Contender>;
}

/** The same for all: as many connections as a small service has. */
export const poolMax = 8;
