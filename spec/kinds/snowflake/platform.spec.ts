import { describe, expect, it } from '@jest/globals';
import { snowflakeFallback } from '../../../src/kinds/snowflake/native-files.ts';
import { inPlatform } from '../../../src/kinds/snowflake/platform.ts';

const env = { SNOWFLAKE_HOST: 'host', SNOWFLAKE_ACCOUNT: 'account', SNOWFLAKE_SCHEMA: 's' };

describe('2.J', () => {
  // The original takes the session of the platform and ignores what is passed; here what is passed is never ignored.
  it('168: inside Snowflake: its host, and its token from the file that it writes anew', () => {
    const found = inPlatform(env, (path) => path === '/snowflake/session/token');
    expect(found?.settings).toEqual({
      host: 'host',
      account: 'account',
      authenticator: 'oauth',
      token_file_path: '/snowflake/session/token',
      database: undefined,
      schema: 's',
    });
    expect(found?.origin(['token_file_path'])).toBe('/snowflake/session/token');
    expect(found?.origin(['host'])).toContain('environment');
  });

  it('168: anywhere else: nothing', () => {
    expect(inPlatform(env, () => false)).toBeUndefined();
    expect(inPlatform({ SNOWFLAKE_HOST: 'host' }, () => true)).toBeUndefined();
    expect(inPlatform({}, () => true)).toBeUndefined();
    const secrets = { reveal: (): never => undefined as never, origin: (): undefined => undefined };
    expect(snowflakeFallback({ name: 'wh', settings: {}, hasSection: false, secrets })).toBeUndefined();
  });
});
