import { milliseconds, type Duration, type DurationOrigin } from '../duration/index.ts';
import { comparable } from '../spelling.ts';
import { defaultDelays, readCount, readRetry, refuse, type Retry, type RetryOptions } from './retry.ts';

/** The policies of a connection. Options go over the section in the secrets, and that over the registry's defaults. */
export interface PolicyOptions {
  /**
   * Age at which an instance expires, up to 2.5 % earlier, so that those that opened together do not expire together; exact where the registry
   * has a `scheduler`. Default `Infinity`: never. `0` is refused.
   */
  readonly ttl?: Duration;
  /** Time without subscriber and lease after which an instance is closed. Default `Infinity`: never. `0`: at once. */
  readonly idleTimeout?: Duration;
  /** Open entries kept: of the registry, or, given per call, of that name. Default `Infinity`: unbounded. `0` is refused. */
  readonly maxEntries?: number;
  /** One attempt to connect and check. Default 30 s. `Infinity`: no limit. `0` is refused. */
  readonly openTimeout?: Duration;
  /** The time for leases to finish on a retired instance. Default 30 s. `0`: cut at once. `Infinity`: wait for them. */
  readonly drainTimeout?: Duration;
  /** `disconnect` before it is abandoned, with an event. Default 5 s. `Infinity`: wait. `0` is refused. */
  readonly closeTimeout?: Duration;
  /**
   * The window over which a fleet spreads its answers to a change: each connection of each process has its own place in
   * it. Only what replaces a working instance waits; a first opening and `reset()` do not. Default and `0`: at once.
   * `Infinity` is refused.
   */
  readonly spread?: Duration;
  /** The attempts of one opening, and the delays between them. Default: 3 attempts, from 100 ms to 5 s apart, full jitter. `false`: one. */
  readonly retry?: false | RetryOptions;
}

/** Complete policies; durations are in milliseconds. */
export interface Policies {
  readonly ttl: number;
  readonly idleTimeout: number;
  readonly maxEntries: number;
  readonly openTimeout: number;
  readonly drainTimeout: number;
  readonly closeTimeout: number;
  readonly spread: number;
  readonly retry: Retry & { readonly attempts: number };
}

/** The default policies. */
export const defaultPolicies: Policies = {
  ttl: Infinity,
  idleTimeout: Infinity,
  maxEntries: Infinity,
  openTimeout: 30_000,
  drainTimeout: 30_000,
  closeTimeout: 5_000,
  spread: 0,
  retry: { attempts: 3, ...defaultDelays },
};

/** The name of a policy, as code spells it. */
export type PolicyName = keyof Policies;

/** The names that are policy, and never params or settings of a kind. */
export const policyNames = Object.keys(defaultPolicies) as readonly PolicyName[];

const spelled = new Map<string, PolicyName>(policyNames.map((name) => [comparable(name), name]));

/** The policy that a key of a section means, in any spelling; `undefined`: none. */
export function policyNamed(key: string): PolicyName | undefined {
  return spelled.get(comparable(key));
}

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
  if (given['maxEntries'] !== undefined)
    policies.maxEntries = readCount(given['maxEntries'], `${where}maxEntries`, origin);
  if (given['retry'] !== undefined) {
    const { attempts = defaultPolicies.retry.attempts, ...delays } = readRetry(given['retry'], origin, `${where}retry`);
    policies.retry = { attempts, ...delays };
  }
  return policies;
}
