import { milliseconds, type Duration, type DurationOrigin } from '../duration/index.ts';
import { ConfigError } from '../errors/index.ts';

/** How often and how fast one opening is tried. */
export interface RetryOptions {
  /** Attempts of one opening. Default 3. `Infinity`: waits instead of giving up. */
  readonly attempts?: number;
  /** The delay before the second attempt; it doubles with each one. Default 100 ms. */
  readonly minDelay?: Duration;
  /** The longest delay. Default 5000 ms. */
  readonly maxDelay?: Duration;
  /** `'full'`: a random share of the delay; `'none'`: all of it. Default `'full'`. */
  readonly jitter?: 'full' | 'none';
}

/** How a connection is kept. Options go over the section in the secrets, and that over the registry's defaults. */
export interface PolicyOptions {
  /** Age at which an instance expires. Default `Infinity`: never. `0` is refused. */
  readonly ttl?: Duration;
  /** Time without interest and lease after which an instance is closed. Default `Infinity`: never. `0`: at once. */
  readonly idleTimeout?: Duration;
  /** Open entries kept: of the registry, or, given per call, of that name. Default `Infinity`: unbounded. `0` is refused. */
  readonly maxEntries?: number;
  /** One attempt to connect and check. Default 30 s. `Infinity`: no limit. `0` is refused. */
  readonly openTimeout?: Duration;
  /** How long leases may finish on a retired instance. Default 30 s. `0`: cut at once. `Infinity`: wait for them. */
  readonly drainTimeout?: Duration;
  /** `disconnect` before it is abandoned, with an event. Default 5 s. `Infinity`: wait. `0` is refused. */
  readonly closeTimeout?: Duration;
  /**
   * The window over which a fleet spreads its answers to a change: each connection of each process has its own place in
   * it. Only what replaces a working instance waits; a first opening and `reset()` do not. Default and `0`: at once.
   * `Infinity` is refused.
   */
  readonly spread?: Duration;
  /** How often one opening is tried, and how long it waits between. Default: 3 attempts, from 100 ms to 5 s apart, full jitter. */
  readonly retry?: RetryOptions;
}

/** Attempts of one opening, in milliseconds. */
export interface Retry {
  readonly attempts: number;
  readonly minDelay: number;
  readonly maxDelay: number;
  readonly jitter: 'full' | 'none';
}

/** Policies as they are kept: every one decided, durations in milliseconds. */
export interface Policies {
  readonly ttl: number;
  readonly idleTimeout: number;
  readonly maxEntries: number;
  readonly openTimeout: number;
  readonly drainTimeout: number;
  readonly closeTimeout: number;
  readonly spread: number;
  readonly retry: Retry;
}

/** What holds where nobody says otherwise. */
export const defaultPolicies: Policies = {
  ttl: Infinity,
  idleTimeout: Infinity,
  maxEntries: Infinity,
  openTimeout: 30_000,
  drainTimeout: 30_000,
  closeTimeout: 5_000,
  spread: 0,
  retry: { attempts: 3, minDelay: 100, maxDelay: 5_000, jitter: 'full' },
};

/** The names that are policy, and never params or settings of a kind. */
export const policyNames = Object.keys(defaultPolicies) as readonly (keyof Policies)[];

const durations = ['ttl', 'idleTimeout', 'openTimeout', 'drainTimeout', 'closeTimeout', 'spread'] as const;
const zeroRefused: readonly string[] = ['ttl', 'openTimeout', 'closeTimeout'];

/**
 * The policies that `given` names, in milliseconds.
 *
 * @throws ConfigError `invalid_policy` naming the policy, what was expected and what was got.
 */
export function readPolicies(
  given: Readonly<Record<string, unknown>>,
  origin: DurationOrigin,
  where = '',
): Partial<Policies> {
  const policies: { -readonly [K in keyof Policies]?: Policies[K] } = {};
  for (const name of durations) {
    if (given[name] === undefined) continue;
    const value = milliseconds(given[name], where + name, origin);
    if (value === 0 && zeroRefused.includes(name)) refuse(where + name, 'a duration over 0', value);
    if (value === Infinity && name === 'spread') refuse(where + name, 'an end of the window', value);
    policies[name] = value;
  }
  if (given['maxEntries'] !== undefined) policies.maxEntries = count(given['maxEntries'], `${where}maxEntries`);
  if (given['retry'] !== undefined) policies.retry = readRetry(given['retry'], origin, `${where}retry`);
  return policies;
}

function readRetry(given: unknown, origin: DurationOrigin, where: string): Retry {
  if (typeof given !== 'object' || given === null) refuse(where, 'a table such as { attempts: 3 }', given);
  const { attempts, minDelay, maxDelay, jitter, ...rest } = given as Record<string, unknown>;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) refuse(`${where}.${unknown}`, 'one of attempts, minDelay, maxDelay, jitter', undefined);
  if (jitter !== undefined && jitter !== 'full' && jitter !== 'none')
    refuse(`${where}.jitter`, "'full' or 'none'", jitter);
  const { retry } = defaultPolicies;
  return {
    attempts: attempts === undefined ? retry.attempts : count(attempts, `${where}.attempts`),
    minDelay: minDelay === undefined ? retry.minDelay : milliseconds(minDelay, `${where}.minDelay`, origin),
    maxDelay: maxDelay === undefined ? retry.maxDelay : milliseconds(maxDelay, `${where}.maxDelay`, origin),
    jitter: jitter === undefined ? retry.jitter : jitter,
  };
}

function count(value: unknown, where: string): number {
  if (value === Infinity || (Number.isInteger(value) && (value as number) > 0)) return value as number;
  return refuse(where, 'a whole number over 0, or Infinity', value);
}

function refuse(where: string, expected: string, got: unknown): never {
  const shown = typeof got === 'number' ? String(got) : typeof got;
  throw new ConfigError(
    'invalid_policy',
    `${where}: expected ${expected}${got === undefined ? '' : `, got ${shown}`}.`,
  );
}
