import { ConfigError } from '../../errors/index.ts';
import type { Config } from '../../secrets/index.ts';

/** The type of integers beyond those that a number of JavaScript holds exactly. */
export type Beyond = 'text' | 'bigint';

type Integer = number | string | bigint;

/** @throws ConfigError `invalid_config`. */
export function beyondOf({ bigint = 'text' }: Config): Beyond {
  if (bigint === 'text' || bigint === 'bigint') return bigint;
  throw new ConfigError('invalid_config', 'bigint: expected "text" or "bigint".', { setting: 'bigint' });
}

/** The integer that a driver gave as text. */
export function integerOf(text: string, beyond: Beyond): Integer {
  const number = Number(text);
  if (Number.isSafeInteger(number)) return number;
  return beyond === 'bigint' ? BigInt(text) : text;
}

/** The integer that a driver gave as a bigint. */
export function narrowed(value: bigint, beyond: Beyond): Integer {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  return beyond === 'bigint' ? value : String(value);
}
