import { describe, expect, it } from '@jest/globals';
import { scrub } from '../../src/errors/index.ts';
import { isPublic, redactedCopy, scrubList, withoutPublic, type RedactedCopies } from '../../src/secrets/redaction.ts';
import { said } from './printed.ts';

describe('redactedCopy', () => {
  const plain = {
    user: 'hunter2-user',
    pool: { max: 77177, names: ['hunter2-a', { b: 'hunter2-b' }] },
    when: new Date(7),
  };

  describe('redactedCopy', () => {
    it('reads, spreads, compares and clones like the original', () => {
      const copy = redactedCopy(plain);
      expect(copy).toEqual(plain);
      expect(copy).toStrictEqual(plain);
      expect({ ...copy }).toEqual(plain);
      expect(structuredClone(copy)).toEqual(plain);
      expect(Object.keys(copy)).toEqual(Object.keys(plain));
      const { user, pool } = copy;
      expect([user, pool.max, [...pool.names].length]).toEqual(['hunter2-user', 77177, 2]);
      expect(pool.names.map((name) => typeof name)).toEqual(['string', 'object']);
      expect(Array.isArray(pool.names)).toBe(true);
    });

    it('prints no value, whatever prints it', () => {
      const copy = redactedCopy(plain);
      const text = said(copy, copy.pool, copy.pool.names, copy.pool.names[1]);
      expect(text).not.toMatch(/hunter2|77177|1970/);
      expect(text).toContain("user: '[redacted]'");
    });

    it('prints nothing of a table with keys named like what prints', () => {
      const text = said(
        redactedCopy({ toString: 'hunter2-a', valueOf: 'hunter2-b', inspect: 'hunter2-c', secret: 'hunter2-d' }),
      );
      expect(text).not.toContain('hunter2');
    });

    it('is frozen at every depth', () => {
      const copy = redactedCopy(plain);
      expect(() => Object.assign(copy, { user: 'x' })).toThrow(TypeError);
      expect(() => Object.assign(copy.pool, { more: 1 })).toThrow(TypeError);
      expect(() => (copy.pool.names as unknown[]).push('x')).toThrow(TypeError);
    });

    it('is the same object for the same part, and passes on what is no table', () => {
      const guards: RedactedCopies = new WeakMap();
      expect(redactedCopy(plain.pool, guards)).toBe(redactedCopy(plain, guards).pool);
      const agent = new (class Agent {})();
      expect(redactedCopy({ agent }).agent).toBe(agent);
      expect(redactedCopy('text')).toBe('text');
    });
  });
});

describe('publicity', () => {
  const settings = {
    host: { public: true },
    'knex.client': { public: true },
    pool: { public: true },
    url: { public: true },
    password: {},
  };

  describe('isPublic', () => {
    it('is no, unless the kind says yes, of the setting or of a table around it', () => {
      const verdict = (path: string, value: unknown = 'x') => isPublic(path.split('.'), value, settings);
      expect(['host', 'knex.client', 'pool.max'].map((path) => verdict(path))).toEqual([true, true, true]);
      expect(['password', 'knex', 'knex.other', 'toString', 'constructor'].some((path) => verdict(path))).toBe(false);
    });

    it('never shows a URL, nor what hides what it holds', () => {
      for (const value of ['postgres://u:p@h/db', ['x', 'a://b'], () => 'x', new (class {})()])
        expect(isPublic(['url'], value, settings)).toBe(false);
      for (const value of ['x', 1, 1n, true, null, new Date(), ['x', 1]])
        expect(isPublic(['url'], value, settings)).toBe(true);
    });
  });

  describe('withoutPublic', () => {
    it('leaves what may not be shown', () => {
      const config = { host: 'h', password: 'p', pool: { max: 1 }, knex: { client: 'pg', token: 't' }, url: 'a://b' };
      expect(withoutPublic(config, settings)).toEqual({ password: 'p', pool: {}, knex: { token: 't' }, url: 'a://b' });
    });
  });
});

describe('scrub list', () => {
  const key = '-----BEGIN KEY-----\nMIIabc"def/123\nZZZyyy999\n-----END KEY-----';
  const secrets = scrubList({
    a: [{ deep: 'hunter2-deep' }],
    n: 123456789,
    b: 12345678901234567890n,
    url: 'postgres://jane:p%40ss%2Fword@h/db',
    raw: 'mysql://jane:p@ss/w:ord@h/db',
    key,
    quote: 'a"b\\c"d',
    percent: 'a b/c d',
    half: `lone \ud800 surrogate`,
    short: 'abc',
  });

  describe('scrubList', () => {
    it('finds a secret in every spelling in which an error may quote it', () => {
      const quotes = [
        'hunter2-deep',
        '123456789',
        '12345678901234567890',
        'postgres://jane:p%40ss%2Fword@h/db',
        'p@ss/word',
        'p%40ss%2Fword',
        'p@ss/w:ord',
        key,
        'MIIabc"def/123',
        'ZZZyyy999',
        JSON.stringify({ key }),
        JSON.stringify('a"b\\c"d'),
        encodeURIComponent('a b/c d'),
      ];
      for (const quote of quotes) {
        const shown = scrub(`>${quote}<`, secrets);
        expect([shown, shown.includes('[redacted]')]).toEqual([shown, true]);
        expect(shown).not.toMatch(/hunter2|MIIabc|ZZZyyy|p@ss|p%40|w:ord|a\\"b|a%20b/);
      }
    });

    it('finds each line of a secret of several lines, however they were put on one', () => {
      const lines = ['MIIabcdef0123', 'ZZZyyy999+/==', 'lastLine'];
      for (const end of ['\n', '\r\n']) {
        const pem = scrubList({ pem: ['-----BEGIN KEY-----', ...lines, '-----END KEY-----'].join(end) });
        const printed = [
          ...['\\n', '\\\\n', '\\r\\n', '', ' ', '\n', '\n    ', ', ', '%0A'].map((joint) => lines.join(joint)),
          ...lines,
          JSON.stringify(JSON.stringify({ pem: lines.join(end) })),
        ];
        for (const text of printed) expect(scrub(`invalid key: ${text}.`, pem)).not.toMatch(/MII|abcdef|ZZZ|yyy|lastL/);
      }
    });

    it('leaves short ones, because they would be found everywhere', () => {
      expect(scrub('abc', secrets)).toBe('abc');
    });
  });
});
