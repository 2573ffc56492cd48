import { afterEach, describe, expect, it } from '@jest/globals';
import { connectionName, nameMeant } from '../../src/connections/connection-name.ts';

describe('connectionName', () => {
  afterEach(() => void delete process.env['HOTLINE_SPEC_NAME']);

  it('is what was asked for, or what the environment says (2.E 80)', () => {
    process.env['HOTLINE_SPEC_NAME'] = 'staging';
    expect(connectionName('pets')).toBe('pets');
    expect(connectionName('env:HOTLINE_SPEC_NAME')).toBe('staging');
    expect([nameMeant('pets'), nameMeant('env:HOTLINE_SPEC_NAME')]).toEqual(['pets', 'staging']);
  });

  it('is looked up once: env: in the environment is a name', () => {
    process.env['HOTLINE_SPEC_NAME'] = 'env:HOME';
    expect(connectionName('env:HOTLINE_SPEC_NAME')).toBe('env:HOME');
  });

  it.each(['', 7, undefined, null, 'a\nb'])('refuses %p', (asked) => {
    expect(() => connectionName(asked as never)).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
  });

  it.each([undefined, ''])('says which variable is not set: %p', (value) => {
    if (value !== undefined) process.env['HOTLINE_SPEC_NAME'] = value;
    expect(() => connectionName('env:HOTLINE_SPEC_NAME')).toThrow(
      expect.objectContaining({
        code: 'missing_name',
        connection: 'env:HOTLINE_SPEC_NAME',
        message: expect.stringContaining('HOTLINE_SPEC_NAME is not set'),
      }),
    );
  });
});
