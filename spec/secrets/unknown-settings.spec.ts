import { describe, expect, it } from '@jest/globals';
import { nearest } from '../../src/spelling.ts';
import { unknownSettings } from '../../src/secrets/unknown-settings.ts';

describe('unknownSettings', () => {
  it('2.H.136: names each unknown key with the nearest known one', () => {
    const known = ['url', 'username', 'password', 'database'];
    expect(unknownSettings({ url: 1, usernme: 1, Password: 1, zzzzzzzz: 1 }, known)).toEqual([
      { key: 'usernme', nearest: 'username' },
      { key: 'Password', nearest: 'password' },
      { key: 'zzzzzzzz', nearest: undefined },
    ]);
  });

  it('sees snake_case for camelCase', () => {
    expect(nearest('private_key', ['privateKey', 'account'])).toBe('privateKey');
    expect(nearest('x', [])).toBeUndefined();
  });
});
