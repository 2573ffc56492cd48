/** The state of the page, sent each time anything in it changes. Times are milliseconds since the epoch. No secret is in it. */
export interface BoardState {
  /** The server's clock when this was sent. */
  readonly at: number;
  /** True where the buttons may be pressed; else the board is read-only. */
  readonly actions: boolean;
  readonly connections: readonly BoardConnection[];
  /** Names in the secrets that nobody has asked for. */
  readonly unused: readonly string[];
  readonly sources: readonly BoardSource[];
  readonly spans: readonly Span[];
  /** The work that runs now, the longest first. */
  readonly running: readonly Work[];
  /** How much runs, of which `running` may be a part. */
  readonly runningCount: number;
  /** The live queries that somebody is subscribed to. */
  readonly live: readonly BoardLive[];
  /** How many there are, of which `live` may be a part. */
  readonly liveCount: number;
  /** The latest last. */
  readonly events: readonly BoardEvent[];
}

export interface BoardError {
  readonly code: string;
  readonly message: string;
  /** The advice, where the message has none. */
  readonly cure?: string;
}

export interface BoardConnection {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly state: 'idle' | 'opening' | 'ready' | 'replacing' | 'degraded' | 'failed' | 'closed';
  readonly generation: number;
  readonly since: number;
  /** Set where it runs statements, so that it may have cached results. */
  readonly queries?: true;
  readonly figures?: Figures | undefined;
  readonly error?: BoardError;
  readonly nextRetryAt?: number;
  readonly leases: number;
  readonly subscribers: number;
  /** Callers that wait for an instance. */
  readonly waiting?: number;
  readonly pool?: {
    readonly size: number;
    readonly used: number;
    readonly idle: number;
    readonly waiting: number;
    /** A pooler stands between it and the server. */
    readonly pooler?: true;
  };
  /** Retired instances that somebody still works with. */
  readonly draining?: readonly { readonly generation: number; readonly leases: number }[];
}

/** Counts of a connection since somebody looks. */
export interface Figures {
  readonly calls: number;
  readonly errors: number;
  /** Milliseconds, of those of the last minute that are no streams. */
  readonly p50?: number;
  readonly p95?: number;
}

/** A live query. */
export interface BoardLive {
  readonly id: string;
  /** The text with `?` for each value in it; absent where the two cannot be told apart. */
  readonly sql?: string;
  /** When it asks besides on each new instance. */
  readonly refresh?: string | undefined;
  readonly since: number;
  /** How often it was made to ask, by what. */
  readonly triggers: Readonly<Record<string, number>>;
  readonly lastTrigger?: string;
  readonly lastTriggerAt?: number;
  /** How often its rows were other ones. */
  readonly changes: number;
  readonly lastChangeAt?: number;
  readonly error?: BoardError;
}

/** A statement, a transaction, a session or a lease that runs. */
export interface Work {
  /** Counts what has begun. */
  readonly n: number;
  readonly id: string;
  readonly generation: number;
  readonly operation: 'query' | 'execute' | 'stream' | 'transaction' | 'session' | 'use' | 'lease';
  readonly start: number;
  /** The text of a statement, with `?` for each value in it; absent where the two cannot be told apart. */
  readonly sql?: string;
  /** Rows that a stream has read so far. */
  readonly rows?: number | undefined;
  /** Set where the button that cancels it may be pressed. */
  readonly cancellable?: true;
}

/** The cached results of one connection. No row is in it. */
export interface BoardCache {
  readonly hits: number;
  readonly misses: number;
  readonly bytes: number;
  /** How many results there are, of which `results` may be a part. */
  readonly count: number;
  readonly results: readonly {
    /** The text with `?` for each value in it; absent where the two cannot be told apart. */
    readonly sql?: string | undefined;
    readonly tags: readonly string[];
    readonly rows: number;
    readonly bytes: number;
    readonly age: number;
    readonly hits: number;
  }[];
}

export interface BoardSource {
  readonly label: string;
  readonly state: 'waiting' | 'loaded' | 'missing' | 'failed';
  readonly since: number;
  readonly trust: string;
  readonly error?: BoardError;
}

/** The life of one instance, as far as it is known; what has not happened yet is left out. */
export interface Span {
  readonly id: string;
  readonly generation: number;
  readonly opening?: number;
  readonly ready?: number;
  readonly retired?: number;
  readonly ended?: number;
  /** The reason of the retirement. */
  readonly reason?: string;
  /** The reason why it never served. */
  readonly error?: BoardError;
}

export interface BoardEvent {
  /** Counts the events from 1. */
  readonly n: number;
  readonly at: number;
  readonly type: string;
  readonly id?: string;
  readonly generation?: number;
  /** The code of its error or warning. */
  readonly code?: string;
  /** Reason, message, settings, or label of the source: what there is to say. */
  readonly text: string;
  /** How often a failure came that is as the one before it; this is the latest. Absent: once. */
  readonly times?: number;
}

/** The answer to an action. */
export type Outcome = { readonly took: number } | { readonly error: BoardError };
