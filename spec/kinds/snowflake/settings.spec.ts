import { describe, expect, it } from '@jest/globals';
import { isDriverOption, materialOf, snowflakeSettings } from '../../../src/kinds/snowflake/settings.ts';

describe('the settings', () => {
  it('are known by the names of the driver and by those of Snowflake', () => {
    for (const name of [
      'account',
      'user',
      'username',
      'privateKeyPath',
      'private_key_file',
      'private_key_file_pwd',
      'session_parameters',
      'token_file_path',
      'query_ttl',
    ])
      expect(snowflakeSettings).toHaveProperty(name);
  });

  it('keep to themselves what proves who one is', () => {
    for (const name of [
      'password',
      'token',
      'private_key',
      'privateKeyPass',
      'passcode',
      'oauth_client_secret',
      'proxyPassword',
      'user',
    ])
      expect(snowflakeSettings[name]!.public ?? false).toBe(false);
    expect(snowflakeSettings['private_key_file']!.public).toBe(true);
  });

  it('say of each what it is', () => {
    expect(Object.entries(snowflakeSettings).filter(([, { description }]) => !description)).toEqual([]);
  });

  it('go to the driver, unless they are hotline’s', () => {
    expect(
      ['warehouse', 'queryTag', 'credentials', 'sessionParameters', 'queryTtl', 'toString'].filter(isDriverOption),
    ).toEqual(['warehouse', 'queryTag']);
  });
});

describe('what decides the data', () => {
  it('is the account, the user, the role and where one is; not how one logs in', () => {
    const config = {
      account: 'a',
      user: 'u',
      role: 'r',
      warehouse: 'w',
      password: 'p',
      private_key_file: '/k',
      timeout: 1,
      session_parameters: { TIMEZONE: 'UTC' },
    };
    expect(materialOf(config)).toEqual({
      account: 'a',
      username: 'u',
      role: 'r',
      warehouse: 'w',
      sessionParameters: { TIMEZONE: 'UTC' },
    });
  });

  it('is the token where no user is named', () => {
    expect(materialOf({ account: 'a', token: 't' })).toEqual({ account: 'a', token: 't' });
    expect(materialOf({ account: 'a', user: 'u', token: 't' })).toEqual({ account: 'a', username: 'u' });
  });
});
