import { describe, expect, it } from '@jest/globals';
import { queryDefaults } from '../../../src/kinds/query/defaults.ts';

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
