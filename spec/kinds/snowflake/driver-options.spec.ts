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
  ])('%j lead to %s', (settings, accessUrl) => {
    expect(sessionOptions({ ...base, ...settings }).driver.accessUrl).toBe(accessUrl);
  });

  it.each([
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
