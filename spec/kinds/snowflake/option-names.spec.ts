import { describe, expect, it } from '@jest/globals';
import { byOptionName, optionName, spellings } from '../../../src/kinds/snowflake/option-names.ts';

describe('the names of options', () => {
  it.each([
    ['user', 'username'],
    ['private_key_file', 'privateKeyPath'],
    ['private_key_file_pwd', 'privateKeyPass'],
    ['private_key_pass', 'privateKeyPass'],
    ['token_file_path', 'tokenFilePath'],
    ['client_session_keep_alive', 'clientSessionKeepAlive'],
    ['client_request_mfa_token', 'clientRequestMFAToken'],
    ['accessUrl', 'accessUrl'],
    ['account', 'account'],
  ])('%s is %s of the driver', (name, option) => {
    expect(optionName(name)).toBe(option);
    expect(spellings(option)).toContain(name);
  });

  it('are spelled in no way that means another option', () => {
    for (const option of ['privateKeyPass', 'disableSamlURLCheck', 'sfRetryMaxLoginRetries', 'jsTreatIntegerAsBigInt'])
      expect(spellings(option).map(optionName)).toEqual(spellings(option).map(() => option));
  });
});

describe('settings by option', () => {
  it('lets the last spelling win: params come after the section', () => {
    expect(byOptionName({ user: 'section', username: 'params' })).toEqual({ username: 'params' });
    expect(byOptionName({ username: 'section', user: 'params' })).toEqual({ username: 'params' });
  });

  it('lets the last of two ways to say the same win', () => {
    expect(byOptionName({ private_key: 'text', private_key_file: '/file' })).toEqual({ privateKeyPath: '/file' });
    expect(byOptionName({ token_file_path: '/file', token: 't' })).toEqual({ token: 't' });
    expect(byOptionName({ token: 't', credentials: fn })).toEqual({ credentials: fn });
    expect(byOptionName({ accessUrl: 'http://a', host: 'b' })).toEqual({ host: 'b' });
  });

  it('leaves out what is empty', () => {
    expect(byOptionName({ role: '', warehouse: null, database: undefined, schema: 's' })).toEqual({ schema: 's' });
  });
});

function fn(): object {
  return {};
}
