import type { Observable, ObservableInput } from 'rxjs';
import { milliseconds, type Duration } from '../../duration/index.ts';
import type { RetryOptions } from '../../policy/index.ts';
import type { Config } from '../../secrets/index.ts';
import { rowLimit } from './arguments.ts';
import type { Params } from './statement.ts';
import type { IsolationLevel } from './driver.ts';

/**
 * How long a call may take, and how it is stopped.
 *
 * @inline
 */
export interface CallOptions {
  /** Stops the call and the server's work; the promise rejects with `cancelled`. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds, or `'30s'`, for all of it: the wait for the connection, the work, the retries. Then `timeout`. Default and `Infinity`: none. */
  readonly timeout?: Duration | undefined;
}

/** Options of every statement that gives all its rows at once. */
export interface StatementOptions extends CallOptions {
  /** An array for `?`, an object for `:name`. */
  readonly params?: Params | undefined;
  /** More rows than this are an error, `too_many_rows`. Default and `Infinity`: no limit. */
  readonly maxRows?: number | undefined;
}

/**
 * How a statement that only reads is run, cached and tried again.
 *
 * @example await pets.query('select * from pet where owner = :owner', { params: { owner: 'Ann' }, ttl: '10m' });
 */
export interface QueryOptions extends StatementOptions {
  /** How old a cached result may be: milliseconds or `'10m'`. Default and `0`: no cache. `Infinity`: any age. */
  readonly ttl?: Duration | undefined;
  /** For how long after `ttl` the old result is still given while a new one is fetched behind it. Default and `0`: never. */
  readonly staleWhileRevalidate?: Duration | undefined;
  /** Names by which `invalidate({ tags })`, `execute` and transactions find the cached result. */
  readonly tags?: readonly string[] | undefined;
  /** `false`: the statement is not safe to run twice. Default: three attempts, or as many as `timeout` leaves room for. */
  readonly retry?: false | RetryOptions | undefined;
}

/** How a statement that may write is run; it is never tried again by itself. */
export interface ExecuteOptions extends StatementOptions {
  /** Cached results with one of these tags are forgotten once the statement has run. */
  readonly tags?: readonly string[] | undefined;
}

/** How rows are pulled. */
export interface StreamOptions extends CallOptions {
  /** An array for `?`, an object for `:name`. */
  readonly params?: Params | undefined;
  /** Rows asked for at a time; at most two batches are in memory. Default: 1000. */
  readonly batchSize?: number | undefined;
}

/** How rows are pulled batch by batch into an Observable. */
export interface BatchesOptions<R, T> extends StreamOptions {
  /** Handles a batch; the next one is asked for when the promise or Observable that it returns has ended. */
  readonly project?: ((batch: R[]) => ObservableInput<T>) | undefined;
  /** The most batches that `project` works on at once. Default: 1. `Infinity` and `0` are refused. */
  readonly concurrency?: number | undefined;
  /** `true`: what `project` makes comes in the order of the batches. Default `false`: as it is made. */
  readonly ordered?: boolean | undefined;
}

/** How a statement is asked again and again. */
export interface LiveOptions {
  /** An array for `?`, an object for `:name`. */
  readonly params?: Params | undefined;
  /**
   * When to ask again, besides each new instance: every so many milliseconds or `'10s'`, on each emission of an Observable,
   * or on each notification of a channel of the server. Default: on new instances only.
   */
  readonly refresh?: Duration | Observable<unknown> | { readonly channel: string } | undefined;
  /** For each time it asks: milliseconds or `'30s'`. Default and `Infinity`: none. */
  readonly timeout?: Duration | undefined;
  /** More rows than this are an error, `too_many_rows`. Default and `Infinity`: no limit. */
  readonly maxRows?: number | undefined;
}

/** How isolated a transaction is, and whether it may write. */
export interface IsolationOptions {
  /** Default: the server's own. */
  readonly isolation?: IsolationLevel | undefined;
  /** The server refuses writes. Default: false. */
  readonly readOnly?: boolean | undefined;
}

/** How a transaction is begun. */
export interface TransactionOptions extends IsolationOptions, CallOptions {
  /**
   * Runs the whole of it again, its callback too, when it lost against another transaction: a serialization failure, a deadlock, a lock of
   * SQLite. Default and `false`: never. `{}`: three attempts, or as many as `timeout` leaves room for.
   */
  readonly retry?: false | RetryOptions | undefined;
  /** Cached results with one of these tags are forgotten once it is committed. */
  readonly tags?: readonly string[] | undefined;
}

/** Which cached results to forget: those of a statement, those with one of the tags; all of the connection's without either. */
export interface Invalidation {
  /** A statement, as it was written. */
  readonly sql?: string | undefined;
  /** Names that `query` was given. */
  readonly tags?: readonly string[] | undefined;
}

/** The names of the options of each call; any other is refused. */
export const optionNames = {
  query: ['params', 'ttl', 'signal', 'timeout', 'retry', 'tags', 'maxRows', 'staleWhileRevalidate'],
  execute: ['params', 'signal', 'timeout', 'tags', 'maxRows'],
  statement: ['params', 'signal', 'timeout', 'maxRows'],
  stream: ['params', 'batchSize', 'signal', 'timeout'],
  live: ['params', 'refresh', 'timeout', 'maxRows'],
  transaction: ['isolation', 'readOnly', 'signal', 'timeout', 'tags', 'retry'],
  inside: ['isolation', 'readOnly'],
  session: ['signal', 'timeout'],
  invalidate: ['sql', 'tags'],
} satisfies {
  query: (keyof QueryOptions)[];
  execute: (keyof ExecuteOptions)[];
  statement: (keyof StatementOptions)[];
  stream: (keyof StreamOptions)[];
  live: (keyof LiveOptions)[];
  transaction: (keyof TransactionOptions)[];
  inside: (keyof IsolationOptions)[];
  session: (keyof CallOptions)[];
  invalidate: (keyof Invalidation)[];
};

/** The values of options that a call does not give, in milliseconds and rows. */
export interface QueryDefaults {
  /** How old a cached result may be, in milliseconds. `undefined`: no cache. */
  readonly ttl?: number | undefined;
  /** Milliseconds that a call may take. `undefined`: no limit. */
  readonly timeout?: number | undefined;
  /** Rows that a result may have. `undefined`: no limit. */
  readonly maxRows?: number | undefined;
}

/**
 * `query_ttl`, `query_timeout` and `max_rows` of a section, or `queryTtl`, `queryTimeout` and `maxRows` of params.
 * The first is how a file spells it, so a number without a unit is refused there.
 */
export function queryDefaults(config: Config): QueryDefaults {
  return {
    ttl: time(config, 'query_ttl', 'queryTtl'),
    timeout: finite(time(config, 'query_timeout', 'queryTimeout')),
    maxRows: rowLimit(config['max_rows'] ?? config['maxRows'], 'max_rows', 'invalid_config'),
  };
}

function time(config: Config, inFile: string, inCode: string): number | undefined {
  const name = config[inFile] === undefined ? inCode : inFile;
  const value = config[name];
  const found = value === undefined ? undefined : milliseconds(value, name, name === inFile ? 'file' : 'code');
  return found === 0 ? undefined : found;
}

/** A timeout without end is none. */
function finite(time: number | undefined): number | undefined {
  return time === Infinity ? undefined : time;
}
