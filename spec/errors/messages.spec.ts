import { describe, expect, it } from '@jest/globals';
import { ConfigError, OpenError, QueryError, networkCure } from '../../src/errors/index.ts';
import { withConnection } from '../../src/errors/index.ts';

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

describe('network', () => {
  it('knows what to do about what the network says, and nothing about the rest', () => {
    expect(networkCure({ code: 'ECONNREFUSED' })).toContain('Start the server');
    for (const other of [{ code: 'toString' }, { code: 7 }, {}, undefined, null, 'ECONNREFUSED'])
      expect(networkCure(other)).toBeUndefined();
  });

  it('is the cure of an error that has it as its cause, before that of its code', () => {
    const cause = Object.assign(new Error('no'), { code: 'ENOTFOUND' });
    expect(new OpenError('open_failed', 'no', { cause }).cure).toContain('no host of that name');
    expect(new OpenError('open_failed', 'no').cure).toContain('`cause`');
  });
});
