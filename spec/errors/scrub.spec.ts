import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { scrub, scrubbedCause } from '../../src/errors/index.ts';

describe('scrub', () => {
  it('takes every occurrence of every secret', () => {
    expect(scrub('longsecret and longsecret, other-secret', ['longsecret', 'other-secret'])).toBe(
      '[redacted] and [redacted], [redacted]',
    );
  });

  it('takes the longest first, so that nothing of it is left', () => {
    expect(scrub('abcdefghij', ['abcdef', 'abcdefghij'])).toBe('[redacted]');
    expect(scrub('abcdefghij', ['defghij', 'abcdef'])).not.toMatch(/defghij|abcdef/);
  });

  it('leaves values of fewer than six characters, which would be found everywhere', () => {
    expect(scrub('port 5432 is admin', ['5432', 'admin'])).toBe('port 5432 is admin');
  });

  it.each([
    ['postgres://ann:pw@db:5432/pets', 'postgres://ann:[redacted]@db:5432/pets'],
    ['mysql://ann:p@ss@db/pets', 'mysql://ann:[redacted]@db/pets'],
    ['Invalid URL: postgres://ann:p/w@db/pets', 'Invalid URL: postgres://ann:[redacted]@db/pets'],
    ['redis://:pw@cache', 'redis://:[redacted]@cache'],
    ['a://b:c@d and e://f:g@h', 'a://b:[redacted]@d and e://f:[redacted]@h'],
    ['http://db:8080/path', 'http://db:8080/path'],
    ['mail ann@example.org at 10:30', 'mail ann@example.org at 10:30'],
  ])('takes the password out of an address: %s', (text, clean) => {
    expect(scrub(text)).toBe(clean);
  });

  it('reads a long text in one pass', () => {
    const long = 'a'.repeat(200_000);
    expect(scrub(`${long} a://b:${long}`)).toHaveLength(400_007);
  });
});

describe('scrubbedCause', () => {
  it('keeps name, code, sqlState, message and stack, and nothing else', () => {
    const original = Object.assign(new TypeError('no'), {
      code: '28P01',
      sqlState: '28P01',
      config: { password: 'x' },
    });
    const cause = scrubbedCause(original);
    expect(cause).toMatchObject({ name: 'TypeError', code: '28P01', sqlState: '28P01', message: 'no' });
    expect(cause.stack).toBe(original.stack);
    expect(Object.keys(cause).sort()).toEqual(['code', 'sqlState']);
    expect(inspect(cause)).not.toContain('password');
  });

  it('scrubs each of them', () => {
    const original = Object.assign(new Error('by topsecret'), {
      name: 'topsecret!',
      code: 'topsecret',
      sqlState: 'topsecret',
    });
    const cause = scrubbedCause(original, ['topsecret'].values());
    expect(inspect(cause, { showHidden: true })).not.toContain('topsecret');
    expect(cause.message).toBe('by [redacted]');
  });

  it('copies once', () => {
    const cause = scrubbedCause(new Error('no'));
    expect(scrubbedCause(cause)).toBe(cause);
  });

  it('scrubs a copy again when there is more to hide', () => {
    expect(scrubbedCause(scrubbedCause(new Error('by topsecret')), ['topsecret']).message).toBe('by [redacted]');
  });

  it.each([
    ['a string', 'gone', 'gone'],
    ['a number', 7, '7'],
    ['null', null, 'null'],
    ['an object without a message', {}, ''],
  ])('makes an error of %s', (_, thrown, message) => {
    expect(scrubbedCause(thrown)).toBeInstanceOf(Error);
    expect(scrubbedCause(thrown).message).toBe(message);
  });

  it('says what the errors say that an empty AggregateError was made of', () => {
    const refused = new AggregateError([new Error('refused ::1'), new Error('refused topsecret')]);
    expect(scrubbedCause(refused, ['topsecret']).message).toBe('refused ::1; refused [redacted]');
  });

  it('survives an error whose properties throw', () => {
    const hostile = {
      get message(): string {
        throw new Error('never');
      },
    };
    expect(scrubbedCause(hostile).message).toBe('');
  });
});
