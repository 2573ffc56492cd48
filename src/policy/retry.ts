import { milliseconds, type Duration, type DurationOrigin } from '../duration/index.ts';
import { ConfigError } from '../errors/index.ts';
import { nearestOrAll, sameButSpelling } from '../spelling.ts';

/** The attempts and the delays between them: of one opening of a connection, or one statement that only reads. */
export interface RetryOptions {
  /**
   * Attempts in all, the first included. Default: 3; of a read that has a `timeout`, as many as there is time for.
   * `Infinity`: waits instead of giving up. `0` is refused.
   */
  readonly attempts?: number | undefined;
  /** The delay before the second attempt; it doubles with each one. Default 100 ms. `0`: at once. `Infinity` is refused. */
  readonly minDelay?: Duration | undefined;
  /** The longest delay. Default 5000 ms. `0`: none. `Infinity`: it doubles without end. */
  readonly maxDelay?: Duration | undefined;
  /** `'full'`: a random share of the delay; `'none'`: all of it. Default `'full'`. */
  readonly jitter?: 'full' | 'none' | undefined;
}

/** Delays between attempts, in milliseconds. */
export interface Delays {
  readonly minDelay: number;
  readonly maxDelay: number;
  readonly jitter: 'full' | 'none';
}

/** Milliseconds that a caller waits for a login that the server refuses, where it gives no time of its own. */
export const loginPatience = 5000;

/** The delays between two logins that are tried for all who wait. Without jitter, so that all of them share an attempt. */
export const loginDelays: Delays = { minDelay: 25, maxDelay: 500, jitter: 'none' };

/** A `retry` as far as it was given; in milliseconds. */
export interface Retry extends Delays {
  /** The number of attempts; `undefined`: the caller has a number of its own. */
  readonly attempts?: number | undefined;
}

/** The default delays between attempts. */
export const defaultDelays: Delays = { minDelay: 100, maxDelay: 5_000, jitter: 'full' };

const names = ['attempts', 'minDelay', 'maxDelay', 'jitter'];

/**
 * The one reader of `retry`, for connections and queries. `false` is one attempt. A file may spell its keys in
 * any case, and its numbers as texts, because an environment variable has nothing else.
 *
 * @throws ConfigError `invalid_policy` that names the key, what was expected, and the name that was probably meant.
 */
export function readRetry(given: unknown, origin: DurationOrigin, where: string): Retry {
  // An environment variable has nothing but text.
  if (given === false || (origin === 'file' && given === 'false')) return { ...defaultDelays, attempts: 1 };
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    refuse(where, 'false, or a table such as { attempts: 3 }', given);
  const said = new Map(
    Object.entries(given).map(([key, value]) => [origin === 'file' ? nameMeant(key) : key, value as unknown]),
  );
  for (const key of said.keys()) if (!names.includes(key)) refuseKey(key, where);
  const delay = (name: 'minDelay' | 'maxDelay'): number =>
    said.get(name) === undefined ? defaultDelays[name] : milliseconds(said.get(name), `${where}.${name}`, origin);
  const [attempts, jitter = defaultDelays.jitter] = [said.get('attempts'), said.get('jitter')];
  if (jitter !== 'full' && jitter !== 'none') refuse(`${where}.jitter`, "'full' or 'none'", jitter);
  const minDelay = delay('minDelay');
  if (minDelay === Infinity) refuse(`${where}.minDelay`, 'a delay that ends', minDelay);
  return {
    ...(attempts !== undefined && { attempts: readCount(attempts, `${where}.attempts`, origin) }),
    minDelay,
    maxDelay: delay('maxDelay'),
    jitter,
  };
}

/** The name of an option, in whatever case and with or without underscores; any other key as it is. */
function nameMeant(key: string): string {
  return sameButSpelling(key, names) ?? key;
}

/** A number over 0; a file may have it as a text. */
export function readCount(given: unknown, where: string, origin: DurationOrigin): number {
  const value = origin === 'file' && typeof given === 'string' && /^(\d{1,15}|Infinity)$/.test(given) ? +given : given;
  if (value === Infinity || (Number.isSafeInteger(value) && (value as number) > 0)) return value as number;
  return refuse(where, 'a whole number over 0, or Infinity', value);
}

/**
 * Milliseconds until the next attempt, after so many that failed: they double from `minDelay` to `maxDelay`.
 * `random` is between 0 and 1.
 */
export function backOff(failures: number, { minDelay, maxDelay, jitter }: Delays, random: number): number {
  // The exponent is bounded: 0 ms times infinity would be no number.
  const delay = Math.min(maxDelay, minDelay * 2 ** Math.min(failures - 1, 52));
  return jitter === 'full' ? delay * random : delay;
}

function refuseKey(key: string, where: string): never {
  const hint = nearestOrAll(key, names);
  throw new ConfigError('invalid_policy', `${where}.${key.slice(0, 40)}: there is no such option. ${hint}`);
}

/** Shows no text: it may be a secret in the wrong place. */
export function refuse(where: string, expected: string, got: unknown): never {
  const shown = typeof got === 'number' ? String(got) : got === null ? 'null' : typeof got;
  throw new ConfigError('invalid_policy', `${where}: expected ${expected}, got ${shown}.`);
}
