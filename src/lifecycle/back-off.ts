import type { ErrorCategory } from '../errors/index.ts';
import { backOff as delayAfter, type Retry } from '../policy/index.ts';

/**
 * Milliseconds until the next attempt. Transient failures back off exponentially; refused credentials are tried at the
 * slowest step, so that no account gets locked; a broken config is tried when it changes.
 */
export function backOff(category: ErrorCategory, failures: number, retry: Retry, random: number): number {
  if (category === 'config') return Infinity;
  if (category === 'auth') return retry.maxDelay;
  return delayAfter(failures, retry, random);
}
