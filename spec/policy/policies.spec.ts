import { describe, expect, it } from '@jest/globals';
import { defaultPolicies, policyNamed, policyNames, readPolicies } from '../../src/policy/index.ts';

const refused = (given: Record<string, unknown>, origin: 'code' | 'file' = 'code'): string => {
  try {
    readPolicies(given, origin, 'pets.');
  } catch (error) {
    expect(error).toMatchObject({ name: 'ConfigError', code: 'invalid_policy' });
    return (error as Error).message;
  }
  throw new Error('It was not refused.');
};

describe('readPolicies', () => {
  it('reads durations as milliseconds, and only what is given', () => {
    expect(readPolicies({ ttl: '10m', idleTimeout: 500, warehouse: 'XS' }, 'code')).toEqual({
      ttl: 600_000,
      idleTimeout: 500,
    });
    expect(readPolicies({}, 'code')).toEqual({});
  });

  it.each(['ttl', 'idleTimeout', 'openTimeout', 'drainTimeout', 'closeTimeout'])(
    '%s may be Infinity, and longer than a timer',
    (name) => {
      expect(readPolicies({ [name]: Infinity }, 'code')).toEqual({ [name]: Infinity });
      expect(readPolicies({ [name]: '60d' }, 'code')).toEqual({ [name]: 5_184_000_000 });
    },
  );

  it.each(['ttl', 'openTimeout', 'closeTimeout'])('%s of 0 is refused', (name) => {
    expect(refused({ [name]: 0 })).toContain(`pets.${name}`);
    expect(refused({ [name]: '0s' }, 'file')).toContain(`pets.${name}`);
  });

  it.each(['idleTimeout', 'drainTimeout'])('%s of 0 means at once', (name) => {
    expect(readPolicies({ [name]: 0 }, 'code')).toEqual({ [name]: 0 });
  });

  it('a bare number in a file is refused, and the message shows both spellings', () => {
    expect(refused({ ttl: 600 }, 'file')).toMatch(/"600s".*"600ms"/);
  });

  it.each([0, -1, 1.5, '10', NaN, null, true])('maxEntries of %p is refused', (maxEntries) => {
    expect(refused({ maxEntries })).toContain('pets.maxEntries');
  });

  it('maxEntries is a number of entries', () => {
    expect(readPolicies({ maxEntries: 3 }, 'file')).toEqual({ maxEntries: 3 });
    expect(readPolicies({ maxEntries: Infinity }, 'code')).toEqual({ maxEntries: Infinity });
  });

  it('retry keeps the defaults of what it does not name', () => {
    expect(readPolicies({ retry: { attempts: Infinity, maxDelay: '1m' } }, 'code')).toEqual({
      retry: { ...defaultPolicies.retry, attempts: Infinity, maxDelay: 60_000 },
    });
  });

  it.each([
    ['retry', 3],
    ['retry', null],
    ['retry.attempts', { attempts: 0 }],
    ['retry.minDelay', { minDelay: -1 }],
    ['retry.jitter', { jitter: 'some' }],
    ['retry.tries', { tries: 3 }],
  ])('%s of %p is refused by its name', (where, retry) => {
    expect(refused({ retry })).toContain(`pets.${where}: `);
  });

  it('shows no value that is no number: it may be a secret', () => {
    expect(refused({ ttl: 'hunter2 hunter2' })).not.toContain('hunter2');
    expect(refused({ maxEntries: 'hunter2' })).not.toContain('hunter2');
    expect(refused({ retry: { jitter: 'hunter2' } })).not.toContain('hunter2');
  });
});

describe('defaultPolicies', () => {
  it('are those of the design', () => {
    expect(defaultPolicies).toEqual({
      ttl: Infinity,
      idleTimeout: Infinity,
      maxEntries: Infinity,
      openTimeout: 30_000,
      drainTimeout: 30_000,
      closeTimeout: 5_000,
      spread: 0,
      retry: { attempts: 3, minDelay: 100, maxDelay: 5_000, jitter: 'full' },
    });
  });

  it('name what is policy', () => {
    expect([...policyNames].sort()).toEqual(Object.keys(defaultPolicies).sort());
  });
});

describe('policyNamed', () => {
  it('knows each policy in whatever case, with or without underscores, and nothing else', () => {
    for (const name of policyNames) expect(policyNamed(name)).toBe(name);
    for (const key of ['idle_timeout', 'IDLE_TIMEOUT', 'idletimeout']) expect(policyNamed(key)).toBe('idleTimeout');
    for (const key of ['timeout', 'constructor', 'type']) expect(policyNamed(key)).toBeUndefined();
  });
});
