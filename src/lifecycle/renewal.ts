import type { Instance } from './instance.ts';
import type { Policies } from './policy.ts';

/** The share of what was left of their lifetime, after which credentials are renewed. */
const share = 0.8;
/** The least wait for that, in milliseconds: what is asked for anew may be the same credentials again. */
const shortest = 1000;

/**
 * The age at which an instance is replaced because what it was opened with runs out; `Infinity` where it does not, or
 * has already. A fleet whose credentials end in one moment is spread over the time before that: each has its own place.
 */
export function renewalAge(
  { openedAt, expiresAt }: Pick<Instance<unknown, unknown>, 'openedAt' | 'expiresAt'>,
  { spread }: Pick<Policies, 'spread'>,
  place: number,
): number {
  const lifetime = expiresAt - openedAt;
  if (!(lifetime > 0)) return Infinity;
  const due = lifetime * share;
  return Math.max(shortest, due - place * Math.min(spread, due / 2));
}
