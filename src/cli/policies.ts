import type { PolicyOptions, RetryOptions } from '../index.ts';
import { snakeCase } from '../spelling.ts';

type Schema = Readonly<Record<string, unknown>>;

/** The schema of a policy in a section. */
export interface Policy {
  readonly description: string;
  readonly schema: Schema;
}

const duration: Schema = {
  anyOf: [
    { type: 'string', pattern: '^\\d+(\\.\\d+)? ?(ms|s|m|h|d|w)$' },
    { type: 'string', enum: ['Infinity'] },
    { type: 'string', pattern: '\\$\\{' },
  ],
};
const count: Schema = { type: 'integer', minimum: 1 };

const retry = {
  attempts: { description: 'Attempts of one opening. Default: 3.', schema: count },
  minDelay: { description: 'The delay before the second attempt; it doubles. Default: "100ms".', schema: duration },
  maxDelay: { description: 'The longest delay. Default: "5s".', schema: duration },
  jitter: {
    description: '"full" (the default): a random share of the delay; "none": all of it.',
    schema: { enum: ['full', 'none'] },
  },
} satisfies Record<keyof RetryOptions, Policy>;

const policies = {
  ttl: { description: 'Age at which an instance is replaced: "1h". Default: never.', schema: duration },
  idleTimeout: { description: 'Time without use after which it is closed: "10m". Default: never.', schema: duration },
  maxEntries: { description: 'Open entries of this name that are kept. Default: all.', schema: count },
  openTimeout: { description: 'One attempt to connect and check. Default: "30s".', schema: duration },
  drainTimeout: {
    description: 'How long running work may finish on a replaced instance. Default: "30s".',
    schema: duration,
  },
  closeTimeout: { description: 'How long closing may take. Default: "5s".', schema: duration },
  spread: {
    description: 'The window over which a fleet spreads its answers to a change. Default: "0s".',
    schema: duration,
  },
  retry: {
    description: 'How often one opening is tried, and how long it waits between.',
    schema: { type: 'object', properties: spelled(retry), additionalProperties: false },
  },
} satisfies Record<keyof PolicyOptions, Policy>;

/** The policies as properties of a section, in both spellings. */
export const policyProperties: Schema = spelled(policies);

/** The policy of a key of a section, if it is one. */
export function policyOf(key: string): Policy | undefined {
  return Object.entries(policies).find(([name]) => key === name || key === snakeCase(name))?.[1];
}

/** A policy as it was written, where it looks like one; something else might be a secret in the wrong place. */
export function writtenPolicy(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value);
  if (typeof value === 'string')
    return /^(\d+(\.\d+)? ?[a-z]{0,7}|Infinity|full|none)$/.test(value) ? value : '[redacted]';
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return '[redacted]';
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, writtenPolicy(inner)]));
}

function spelled(named: Readonly<Record<string, Policy>>): Schema {
  const entries = Object.entries(named).flatMap(([name, { description, schema }]) =>
    [...new Set([snakeCase(name), name])].map((key) => [key, { description, ...schema }] as const),
  );
  return Object.fromEntries(entries);
}
