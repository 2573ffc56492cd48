import ms from 'ms';
import { ConfigError } from '../errors/index.ts';

type Unit =
  | `${'millisecond' | 'msec' | 'second' | 'sec' | 'minute' | 'min' | 'hour' | 'hr' | 'day' | 'week'}${'' | 's'}`
  | 'ms'
  | 's'
  | 'm'
  | 'h'
  | 'd'
  | 'w';

/** Milliseconds, or a number with its unit: `'250ms'`, `'30s'`, `'10 minutes'`, `'1 hour'`, `'7d'`. `Infinity` where an option allows it. */
export type Duration = number | `${number}${'' | ' '}${Unit}`;

/** The place of a duration: in code a bare number is milliseconds, in a file it is an error. */
export type DurationOrigin = 'code' | 'file';

/**
 * Milliseconds from a duration.
 *
 * @throws ConfigError `invalid_policy` when it is negative, has no unit in a file, or is no duration.
 */
export function milliseconds(value: unknown, name: string, origin: DurationOrigin = 'code'): number {
  if (typeof value === 'bigint' && origin === 'file') return milliseconds(Number(value), name, origin);
  const parsed = typeof value === 'number' ? value : parse(value);
  if (parsed === undefined || Number.isNaN(parsed) || parsed < 0)
    throw new ConfigError(
      'invalid_policy',
      `${name}: expected a duration such as '10m' or '1.5s', got ${shape(value)}.`,
    );
  if (typeof value === 'number' && origin === 'file' && value !== Infinity)
    throw new ConfigError(
      'invalid_policy',
      `${name}: a bare number has no unit in a file. Write "${value}s" for seconds (as Streamlit counts) or "${value}ms" for milliseconds.`,
    );
  return parsed;
}

/** `ms` also reads bare numbers and words; a duration is a number with a unit. */
function parse(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  if (/^(inf|infinity|never)$/i.test(value)) return Infinity;
  return /^\d+(\.\d+)?\s*[a-z]+$/i.test(value) ? ms(value as ms.StringValue) : undefined;
}

function shape(value: unknown): string {
  // A text that is no number with a word may be a secret that was put into the wrong place.
  const shown = typeof value === 'string' && /^-?\d+(\.\d+)?\s*[a-z]{0,20}$/i.test(value) && value.length < 40;
  if (shown) return JSON.stringify(value);
  return typeof value === 'number' || typeof value === 'bigint'
    ? String(value)
    : value === null
      ? 'null'
      : typeof value;
}
