import { describe, expect, it } from '@jest/globals';
import { rowLimit, textOf } from '../../../src/kinds/query/arguments.ts';
import { callOf, refuseUnusable } from '../../../src/kinds/query/call.ts';
import { queryDefaults } from '../../../src/kinds/query/options.ts';

describe('the arguments of a call', () => {
  it('are a text', () => {
    expect(textOf('')).toBe('');
    for (const [sql, got] of [
      [undefined, 'undefined'],
      [null, 'null'],
      [['select 1'], 'an array'],
      [{ text: 'secret' }, 'object'],
    ] as const)
      expect(() => textOf(sql)).toThrow(`is a text, and this one is ${got}`);
  });

  it('and a whole number of rows, or none', () => {
    expect([rowLimit(1, 'maxRows'), rowLimit(undefined, 'maxRows'), rowLimit(Infinity, 'maxRows')]).toEqual([
      1,
      undefined,
      undefined,
    ]);
    for (const value of [0, -1, 1.5, NaN, '5', null])
      expect(() => rowLimit(value, 'maxRows')).toThrow('maxRows: expected a whole number');
    expect(() => rowLimit(0, 'max_rows', 'invalid_config')).toThrow(
      expect.objectContaining({ code: 'invalid_config', setting: 'max_rows' }),
    );
  });
});

const refused = expect.objectContaining({ code: 'invalid_argument' });

describe('callOf', () => {
  it('takes what the call says over the defaults', () => {
    const call = callOf({ timeout: '2s', retry: false }, { timeout: 5, maxRows: 7 });
    expect(call).toMatchObject({ timeout: 2000, maxRows: 7, retry: { attempts: 1 } });
  });

  it.each([{ maxRows: 0 }, { maxRows: -1 }, { maxRows: NaN }, { tags: 'pets' }])('refuses %p', (options) => {
    expect(() => callOf(options as never, {})).toThrow(refused);
  });
});

describe('refuseUnusable', () => {
  const work = (): void => undefined;

  it('lets a function and every isolation pass', () => {
    for (const isolation of [undefined, 'snapshot', 'serializable'] as const) refuseUnusable(work, { isolation });
  });

  it.each([
    [undefined, {}],
    [work, { isolation: 'total' }],
  ])('refuses %p with %p', (fn, options) => {
    expect(() => refuseUnusable(fn, options as never)).toThrow(refused);
  });
});

describe('queryDefaults', () => {
  it.each([
    [{}, {}],
    [
      { query_ttl: '10m', query_timeout: '30s', max_rows: 10 },
      { ttl: 600_000, timeout: 30_000, maxRows: 10 },
    ],
    [
      { queryTtl: 1000, queryTimeout: '1s', maxRows: 5 },
      { ttl: 1000, timeout: 1000, maxRows: 5 },
    ],
    [{ query_ttl: 'Infinity', query_timeout: 'Infinity' }, { ttl: Infinity }],
    [{ queryTtl: 0, query_timeout: '0s', maxRows: Infinity }, {}],
  ])('of %p are %p', (config, defaults) => {
    expect(queryDefaults(config)).toEqual({ ttl: undefined, timeout: undefined, maxRows: undefined, ...defaults });
  });

  it.each([
    [{ query_ttl: 10 }, 'invalid_policy', /query_ttl.*"10s".*"10ms"/],
    [{ queryTimeout: 'soon' }, 'invalid_policy', /queryTimeout/],
    [{ max_rows: '10' }, 'invalid_config', /max_rows/],
    [{ max_rows: 0 }, 'invalid_config', /max_rows/],
  ])('of %p are refused', (config, code, message) => {
    expect(() => queryDefaults(config)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });
});
