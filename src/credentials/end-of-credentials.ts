import { types } from 'node:util';
import { ConfigError, OpenError } from '../errors/index.ts';

/** The share of their lifetime after which credentials are renewed. */
export const renewedAfter = 0.8;

/** A number below this is a time of the years before 1974 in milliseconds, and of the years up to 5138 in seconds. */
const seconds = 1e11;

/**
 * The time in milliseconds at which credentials end; `undefined` means never, as `Infinity` does.
 *
 * @throws ConfigError `invalid_config` where it is no time, or one in seconds; OpenError `auth_failed` where it is over.
 */
export function endOf(given: unknown, now: number): number {
  const end = types.isDate(given) ? given.getTime() : (given ?? Infinity);
  if (typeof end !== 'number' || Number.isNaN(end)) {
    const got = types.isDate(given) ? 'an invalid Date' : typeof given === 'number' ? 'NaN' : typeof given;
    throw new ConfigError('invalid_config', `expiresAt: expected a Date or milliseconds since the epoch, got ${got}.`);
  }
  if (end > now) return end;
  if (end > 0 && end < seconds && now > seconds)
    throw new ConfigError(
      'invalid_config',
      'expiresAt: got seconds since the epoch, as the exp of a JWT; expected a Date or milliseconds. Multiply it by 1000.',
    );
  throw new OpenError(
    'auth_failed',
    'expiresAt: the credentials ended before they were used. Give fresh ones, and compare the clocks of both machines.',
    { category: 'auth' },
  );
}
