import { milliseconds, type Duration } from '../../duration/index.ts';
import { ConfigError } from '../../errors/index.ts';

/** The milliseconds of a limit; `undefined` where there is none. */
export function limit(value: Duration | undefined, name: string): number | undefined {
  if (value === undefined || value === Infinity) return undefined;
  const limited = milliseconds(value, name);
  if (limited > 0) return limited;
  throw new ConfigError('invalid_argument', `${name}: 0 leaves no time at all; leave it out for no limit.`);
}
