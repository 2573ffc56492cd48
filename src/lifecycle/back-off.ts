import type { ErrorCategory } from '../errors/index.ts';
import type { Retry } from './policy.ts';

/**
 * Milliseconds until the next attempt. Transient failures back off exponentially; refused credentials are tried at the
 * slowest step, so that no account gets locked; a broken config is tried when it changes.
 */
export function backOff(category: ErrorCategory, failures: number, retry: Retry, random: number): number {
  if (category === 'config') return Infinity;
  if (category === 'auth') return retry.maxDelay;
  // The exponent is bounded: 0 ms times infinity would be no number.
  const delay = Math.min(retry.maxDelay, retry.minDelay * 2 ** Math.min(failures - 1, 52));
  return retry.jitter === 'full' ? delay * random : delay;
}
