import { describe, expect, it } from '@jest/globals';
import { isPublic, withoutPublic } from '../../src/secrets/publicity.ts';

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
