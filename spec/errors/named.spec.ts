import { describe, expect, it } from '@jest/globals';
import { ConfigError, QueryError } from '../../src/errors/index.ts';
import { withConnection } from '../../src/errors/named.ts';

describe('named', () => {
  it('says which connection an error of ours is about', () => {
    const cause = new Error('x');
    const error = withConnection(new ConfigError('invalid_config', 'port: no.', { cause }), 'pets');
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({
      code: 'invalid_config',
      connection: 'pets',
      message: '"pets": port: no.',
      cause: { message: 'x' },
    });
  });

  it('leaves an error alone that says so already, or that is not ours', () => {
    const mine = new QueryError('query_failed', 'x', { connection: 'other' });
    const theirs = new Error('x');
    expect([withConnection(mine, 'pets'), withConnection(theirs, 'pets')]).toEqual([mine, theirs]);
  });
});
