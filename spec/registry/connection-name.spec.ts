import { afterEach, describe, expect, it } from '@jest/globals';
import { askedName, nameMeant } from '../../src/registry/connection-name.ts';

describe('askedName', () => {
  afterEach(() => void delete process.env['HOTLINE_SPEC_NAME']);

  it('is what was asked for, or what the environment says (2.E 80)', () => {
    process.env['HOTLINE_SPEC_NAME'] = 'staging';
    expect(askedName('pets')).toBe('pets');
    expect(askedName('env:HOTLINE_SPEC_NAME')).toBe('env:HOTLINE_SPEC_NAME');
    expect([nameMeant('pets'), nameMeant('env:HOTLINE_SPEC_NAME')]).toEqual(['pets', 'staging']);
  });

  it('is looked up once: env: in the environment is a name', () => {
    process.env['HOTLINE_SPEC_NAME'] = 'env:HOME';
    expect(nameMeant('env:HOTLINE_SPEC_NAME')).toBe('env:HOME');
  });

  it.each(['', 7, undefined, null, 'a\nb'])('refuses %p', (asked) => {
    expect(() => askedName(asked as never)).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
  });

  it('finds no variable in what every object inherits', () => {
    expect(nameMeant('env:toString')).toBeUndefined();
  });

  it.each([undefined, ''])('says which variable is not set: %p', (value) => {
    if (value !== undefined) process.env['HOTLINE_SPEC_NAME'] = value;
    expect(() => askedName('env:HOTLINE_SPEC_NAME')).toThrow(
      expect.objectContaining({
        code: 'missing_name',
        connection: 'env:HOTLINE_SPEC_NAME',
        message: expect.stringContaining('HOTLINE_SPEC_NAME is not set'),
      }),
    );
  });
});
