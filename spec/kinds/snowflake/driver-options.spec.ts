import { describe, expect, it } from '@jest/globals';
import { sessionOptions } from '../../../src/kinds/snowflake/driver-options.ts';

const base = { account: 'a', username: 'u', password: 'p' };

describe('the options of a session', () => {
  it('are those of the driver, with what tames it', () => {
    expect(sessionOptions({ ...base, warehouse: 'XS', connectionName: 'x', queryTtl: '1m' })).toEqual({
      driver: {
        ...base,
        warehouse: 'XS',
        authenticator: 'SNOWFLAKE',
        timeout: 90_000,
        rowStreamHighWaterMark: 1000,
        sfRetryMaxLoginRetries: 0,
        representNullAsStringNull: false,
      },
      parameters: {},
      tokensOnDisk: false,
      interactive: false,
      silence: 95_000,
    });
  });

  it('leave the last word to whoever gives one', () => {
    const { driver, silence } = sessionOptions({
      ...base,
      sfRetryMaxLoginRetries: 2,
      rowStreamHighWaterMark: 10,
      timeout: 1000,
    });
    expect(driver).toMatchObject({ sfRetryMaxLoginRetries: 2, rowStreamHighWaterMark: 10, timeout: 1000 });
    expect(silence).toBe(6000);
  });

  it.each([
    [{ host: 'h' }, 'https://h'],
    [{ host: 'h', port: 8080, protocol: 'http' }, 'http://h:8080'],
    [{ host: 'h', port: '443' }, 'https://h:443'],
    [{ accessUrl: 'http://x', port: 1 }, 'http://x'],
    [{ accessUrl: 'a.snowflakecomputing.com/' }, 'https://a.snowflakecomputing.com'],
    [{ host: 'https://a.snowflakecomputing.com' }, 'https://a.snowflakecomputing.com'],
    [{ host: 'https://a.snowflakecomputing.com/', port: 443 }, 'https://a.snowflakecomputing.com:443'],
    [{ host: 'http://h:8080', protocol: 'http' }, 'http://h:8080'],
  ])('%j lead to %s', (settings, accessUrl) => {
    expect(sessionOptions({ ...base, ...settings }).driver.accessUrl).toBe(accessUrl);
  });

  it.each([
    'myorg-account123',
    'myorg-account123.snowflakecomputing.com',
    'https://myorg-account123.snowflakecomputing.com/',
    ' HTTPS://myorg-account123.SnowflakeComputing.com:443 ',
  ])('take an account that is written as %j', (account) => {
    expect(sessionOptions({ ...base, account }).driver.account).toBe('myorg-account123');
  });

  it('take the account of a region, of China and of a private link', () => {
    const accountOf = (account: string): unknown => sessionOptions({ ...base, account }).driver.account;
    expect(accountOf('xy12345.eu-central-1.snowflakecomputing.com')).toBe('xy12345.eu-central-1');
    expect(accountOf('https://xy12345.cn-north.snowflakecomputing.cn')).toBe('xy12345.cn-north');
    expect(accountOf('xy12345.privatelink.snowflakecomputing.com')).toBe('xy12345.privatelink');
  });

  it('keep tokens of a browser and of a second factor for the next login, unless the settings say no', () => {
    const withKind = (authenticator: string, more = {}): unknown =>
      sessionOptions({ ...base, authenticator, ...more }).driver;
    expect(withKind('externalbrowser')).toMatchObject({ clientStoreTemporaryCredential: true });
    expect(withKind('oauth_authorization_code')).toMatchObject({ clientStoreTemporaryCredential: true });
    expect(withKind('username_password_mfa')).toMatchObject({ clientRequestMFAToken: true });
    expect(withKind('externalbrowser', { clientStoreTemporaryCredential: false })).toMatchObject({
      clientStoreTemporaryCredential: false,
    });
  });

  it.each([
    [{ account: 'https://x.com/a?b' }, 'account: expected an account identifier'],
    [{ host: 'https://me:hunter2@h' }, 'host: expected a host such as'],
    [{ host: 'h/path' }, 'host: expected a host such as'],
    [{ host: 'https://h', protocol: 'http' }, 'host and protocol contradict each other'],
    [{ accessUrl: 'ftp://x' }, 'access_url: expected an address'],
    [{ port: 'x', host: 'h' }, 'port: expected a number'],
    [{ timeout: 0 }, 'timeout: expected a number of milliseconds'],
    [{ password: 5 }, 'password: expected text'],
    [{ sessionParameters: 'x' }, 'session_parameters: expected a table'],
    [{ sessionParameters: { 'a b': 1 } }, 'session_parameters: "a b" is not a name'],
    [{ sessionParameters: { A: [1] } }, 'session_parameters.A: expected text, a number or a boolean'],
    [{ privateKey: 'x', authenticator: 'snowflake_jwt' }, 'the private key of private_key cannot be used'],
  ])('%j are refused', (settings, message) => {
    const make = (): unknown => sessionOptions({ ...base, ...settings });
    expect(make).toThrow(expect.objectContaining({ code: 'invalid_config' }));
    expect(make).toThrow(message);
  });
});
