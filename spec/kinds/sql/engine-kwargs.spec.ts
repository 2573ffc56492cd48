import { describe, expect, it } from '@jest/globals';
import { engineKwargs } from '../../../src/kinds/sql/engine-kwargs.ts';
import { targetOf } from '../../../src/kinds/sql/target.ts';

const target = targetOf({ url: 'mysql://u:p@h/db' });

describe('engineKwargs', () => {
  it('counts the pool as SQLAlchemy does', () => {
    expect(engineKwargs({ pool_size: 3 }, target)).toEqual({ pool: { max: 13 } });
    expect(engineKwargs({ max_overflow: 0 }, target)).toEqual({ pool: { max: 5 } });
    expect(engineKwargs({ pool_recycle: 60, pool_timeout: 2 }, target)).toEqual({
      pool: { maxConnectionLifetimeMillis: 60_000 },
      acquireConnectionTimeout: 2000,
    });
  });

  it('leaves out what means nothing here', () => {
    expect(engineKwargs({ echo: true, pool_pre_ping: true, poolclass: 'x', pool_recycle: -1 }, target)).toEqual({});
    expect(engineKwargs(undefined, target)).toEqual({});
  });

  it('gives the arguments of the driver to the driver', () => {
    expect(
      engineKwargs({ connect_args: { connect_timeout: 3, charset: 'utf8mb4', init_command: 'set x' } }, target),
    ).toEqual({
      connection: { host: 'h', user: 'u', password: 'p', database: 'db', connectTimeout: 3000, charset: 'utf8mb4' },
    });
  });
});
