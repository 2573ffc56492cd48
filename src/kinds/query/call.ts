import { ConfigError } from '../../errors/index.ts';
import { readRetry, type Retry } from '../../policy/index.ts';
import { limit, rowLimit, tagsOf, type ReadMethod } from './arguments.ts';
import type { QueryDefaults, QueryOptions, TransactionOptions } from './options.ts';

/** The options of one call; times are milliseconds. */
export interface Call {
  readonly signal: AbortSignal | undefined;
  readonly timeout: number | undefined;
  readonly maxRows: number | undefined;
  readonly retry?: Retry | undefined;
  /** The method that was called, for messages. */
  readonly method?: ReadMethod | undefined;
  /** How long it may be tried again; default: `timeout`. */
  readonly patience?: number | undefined;
}

/**
 * Reads the options of a call; `defaults` stand in for those that are absent.
 *
 * @throws ConfigError `invalid_argument`, `invalid_policy`.
 */
export function callOf(
  { signal, timeout, maxRows, retry, tags }: QueryOptions,
  defaults: QueryDefaults,
  method?: ReadMethod,
): Call {
  tagsOf(tags);
  return {
    signal,
    timeout: timeout === undefined ? defaults.timeout : limit(timeout, 'timeout'),
    maxRows: maxRows === undefined ? defaults.maxRows : rowLimit(maxRows, 'maxRows'),
    retry: retry === undefined ? undefined : readRetry(retry, 'code', 'retry'),
    method,
  };
}

const isolations: readonly unknown[] = [
  undefined,
  'read uncommitted',
  'read committed',
  'snapshot',
  'repeatable read',
  'serializable',
];

/** @throws ConfigError `invalid_argument`, `invalid_policy`. */
export function retryOf({ retry }: Pick<TransactionOptions, 'retry'>): Retry {
  return readRetry(retry === undefined ? false : retry, 'code', 'retry');
}

/** @throws ConfigError `invalid_argument`. */
export function refuseUnusable(fn: unknown, { isolation, tags }: TransactionOptions): void {
  tagsOf(tags);
  if (typeof fn !== 'function') throw invalid('what runs in a transaction must be a function.');
  if (!isolations.includes(isolation)) throw invalid(`isolation: expected one of ${isolations.slice(1).join(', ')}.`);
}

function invalid(why: string): ConfigError {
  return new ConfigError('invalid_argument', why);
}
