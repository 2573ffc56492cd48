import { describe, expect, it } from '@jest/globals';
import { engineKwargs } from '../../../src/kinds/sql/engine-kwargs.ts';

describe('engineKwargs', () => {
  it('counts the pool as SQLAlchemy does', () => {
    expect(engineKwargs({ pool_size: 3 })).toEqual({ pool: { max: 13 } });
    expect(engineKwargs({ max_overflow: 0 })).toEqual({ pool: { max: 5 } });
    expect(engineKwargs({ pool_recycle: 60, pool_timeout: 2 })).toEqual({
      pool: { maxConnectionLifetimeMillis: 60_000 },
      acquireConnectionTimeout: 2000,
    });
  });

  it('leaves out what means nothing here', () => {
    expect(engineKwargs({ echo: true, pool_pre_ping: true, poolclass: 'x', pool_recycle: -1 })).toEqual({});
    expect(engineKwargs(undefined)).toEqual({});
  });

  it.each([
    ['pool_sise', /^create_engine_kwargs\.pool_sise: .*Did you mean pool_size\?/],
    ['sslmode', /^create_engine_kwargs\.sslmode: .*connect_args/],
    ['creator', /^create_engine_kwargs\.creator: /],
  ])('refuses %s, which would do nothing', (name, message) => {
    expect(() => engineKwargs({ [name]: 'x' })).toThrow(message);
  });

  it('takes the isolation level that is here, and refuses another', () => {
    expect(engineKwargs({ isolation_level: 'AUTOCOMMIT' })).toEqual({});
    expect(() => engineKwargs({ isolation_level: 'SERIALIZABLE' })).toThrow(/transaction\(fn, \{ isolation/);
  });
});
