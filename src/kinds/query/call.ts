import { ConfigError } from '../../errors/index.ts';
import { readRetry } from '../../policy/index.ts';
import { rowLimit, tagsOf } from './arguments.ts';
import type { QueryDefaults } from './defaults.ts';
import { limit } from './limit.ts';
import type { QueryOptions, TransactionOptions } from './options.ts';
import type { Call } from './reads.ts';

/**
 * What a call asks for, over what holds where it does not say.
 *
 * @throws ConfigError `invalid_argument`, `invalid_policy`.
 */
export function callOf({ signal, timeout, maxRows, retry, tags }: QueryOptions, defaults: QueryDefaults): Call {
  tagsOf(tags);
  return {
    signal,
    timeout: timeout === undefined ? defaults.timeout : limit(timeout, 'timeout'),
    maxRows: maxRows === undefined ? defaults.maxRows : rowLimit(maxRows, 'maxRows'),
    retry: retry === undefined ? undefined : readRetry(retry, 'code', 'retry'),
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

/** @throws ConfigError `invalid_argument`. */
export function refuseUnusable(fn: unknown, { isolation, tags }: TransactionOptions): void {
  tagsOf(tags);
  if (typeof fn !== 'function') throw invalid('what runs in a transaction must be a function.');
  if (!isolations.includes(isolation)) throw invalid(`isolation: expected one of ${isolations.slice(1).join(', ')}.`);
}

function invalid(why: string): ConfigError {
  return new ConfigError('invalid_argument', why);
}
