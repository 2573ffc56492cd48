import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import {
  ConfigError,
  HotlineError,
  OpenError,
  QueryError,
  SourceError,
  codes,
  networkCure,
  withConnection,
} from '../../src/errors/index.ts';

describe('HotlineError', () => {
  it('carries its code, the connection, and the category of the code', () => {
    const error = new HotlineError('auth_failed', 'pets: refused.', { connection: 'pets' });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ code: 'auth_failed', category: 'auth', connection: 'pets', retryable: false });
    expect(error.stack).toContain('pets: refused.');
  });

  it('is retryable when the same call may succeed later by itself', () => {
    const retryable = Object.keys(codes).filter((code) => new HotlineError(code as keyof typeof codes, '').retryable);
    expect(retryable.sort()).toEqual(
      [
        'close_failed',
        'connection_lost',
        'open_failed',
        'open_timeout',
        'pool_exhausted',
        'source_silent',
        'timeout',
      ].sort(),
    );
    expect(new HotlineError('open_failed', '', { category: 'auth' }).retryable).toBe(false);
  });

  it('says what to do about it, as the catalogue does', () => {
    expect(new HotlineError('missing_config', '').cure).toBe(codes.missing_config.cure);
  });

  it('has no cause when there is none', () => {
    expect('cause' in new HotlineError('closed', 'closed')).toBe(false);
  });

  it.each([
    ['a list', ['hunter2hunter2']],
    ['a set', new Set(['hunter2hunter2'])],
    ['an iterator that ends after one reading', ['hunter2hunter2'].values()],
  ])('shows no secret, in any form, when they are given as %s', (_, secrets) => {
    const cause = Object.assign(new Error('bad password hunter2hunter2'), {
      code: 'E_hunter2hunter2',
      config: { password: 'hunter2hunter2' },
      cause: new Error('hunter2hunter2'),
    });
    const error = new HotlineError('open_failed', 'cannot open with hunter2hunter2', { cause, secrets });
    const shown = [inspect(error, { depth: 9, showHidden: true }), JSON.stringify(error), String(error.cause)].join();
    expect(shown).not.toContain('hunter2hunter2');
    expect(error.message).toBe('cannot open with [redacted]');
  });

  it('loses the password of an address also when nobody knew that it was secret', () => {
    const error = new HotlineError('open_failed', 'cannot reach postgres://ann:s3cr3t@db/pets');
    expect(error.message).toBe('cannot reach postgres://ann:[redacted]@db/pets');
  });
});

describe('the family', () => {
  it('is named, and told apart by class as well as by code', () => {
    const error = new SourceError('source_invalid', 'line 3');
    expect(error).toBeInstanceOf(HotlineError);
    expect(error.name).toBe('SourceError');
    expect(String(error)).toBe('SourceError: line 3');
  });

  it('keeps the SQLSTATE of a statement', () => {
    expect(new QueryError('query_failed', '', { sqlState: '42P01' }).sqlState).toBe('42P01');
    expect(new QueryError('query_failed', '').sqlState).toBeUndefined();
  });
});

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

  it('asks about the account where the host is made of one, although the driver has a number of its own', () => {
    const message = 'getaddrinfo ENOTFOUND nobody.snowflakecomputing.com';
    for (const cause of [
      { code: 401001, message: `${message} (ENOTFOUND)` },
      { code: 'ENOTFOUND', message },
      { code: 'ENOTFOUND', message: message.replace('.com', '.cn') },
    ])
      expect(networkCure(cause)).toContain('Correct `account`');
    expect(networkCure({ code: 401001, message: 'no way (ECONNREFUSED)' })).toContain('Start the server');
    expect(networkCure({ code: 401001, message: 'no way (EODD)' })).toBeUndefined();
    expect(networkCure({ code: 'ENOTFOUND', message: 'getaddrinfo ENOTFOUND db.example' })).toContain('Correct `host`');
  });

  it('is the cure of an error that has it as its cause, before that of its code', () => {
    const cause = Object.assign(new Error('no'), { code: 'ENOTFOUND' });
    expect(new OpenError('open_failed', 'no', { cause }).cure).toContain('no host of that name');
    expect(new OpenError('open_failed', 'no').cure).toContain('`cause`');
  });
});
