import { describe, expect, it } from '@jest/globals';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { sessionOptions } from '../../../src/kinds/snowflake/driver-options.ts';
import { byOptionName, optionName, spellings } from '../../../src/kinds/snowflake/option-names.ts';
import { privateKey } from '../../../src/kinds/snowflake/private-key.ts';

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
      secondaryRoles: undefined,
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
    [{ secondaryRoles: [] }, 'secondary_roles: expected ALL, NONE, or a list of roles'],
    [{ secondaryRoles: 5 }, 'secondary_roles: expected ALL, NONE, or a list of roles'],
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

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
const der = pair.privateKey.export({ type: 'pkcs8', format: 'der' });
const encrypted = pair.privateKey.export({
  type: 'pkcs8',
  format: 'pem',
  cipher: 'aes-256-cbc',
  passphrase: 'secret words',
}) as string;

/** A key of 512 bits for this file alone, encrypted by PBE-MD5-DES with 'secret words'. */
const old = `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIIBgTAbBgkqhkiG9w0BBQMwDgQIxa6qKPjqRZ8CAggABIIBYJfYap0GqjZjpD76
1JK1J5VauKEbq+uCsz6iJezBCpJoqN4eNkyOiexeZYirmTvUL0fUXoBl9pWMACAZ
Oinn2do/n0z+x1trIY5ZcxhNHRDgFLQ5/aiH2VZXkf5XxQL8MTsYP01macRdDxsX
f9YFu663FTqIog4o0lFi7h2EWcGlxGykc+mriNYYxYjUMfVxciOc3O7jqIS+NFbG
09Lqeck9pBDrgloSsfhmzkrcJkrJofXYlajPlgqMwjSlgmQAfLXM2in91bs6QN0e
aY85sJf6/CZPAwvivjSy6YanYrerbzeVYjOG/GNcEXp5vzicTQUjCZ8tT5UGMUE+
MgiUB1KOYxhY/K9NDpVCPAcPbvfLDJAIQZcAO5dRpmGrQn7ZBfTGIFuVm/UCDj9b
dcgTxVhibVCMgFJ654NKNtFjocOTEeGeDeEBt92Gzjc+bo2OFH4yJ3AhGirmT7UB
DNNEc9w=
-----END ENCRYPTED PRIVATE KEY-----`;

const traditional = pair.privateKey.export({
  type: 'pkcs1',
  format: 'pem',
  cipher: 'aes-128-cbc',
  passphrase: 'secret words',
}) as string;

describe('a private key', () => {
  it.each([
    ['PEM', pem, undefined],
    ['PEM with escaped line breaks', pem.replaceAll('\n', '\\n'), undefined],
    ['PEM with escaped line breaks of Windows', pem.replaceAll('\n', '\\r\\n'), undefined],
    ['PEM with line breaks of Windows', pem.replaceAll('\n', '\r\n'), undefined],
    ['PEM in one line', pem.replaceAll('\n', ' '), undefined],
    ['PEM in one line without a space', pem.replaceAll('\n', ''), undefined],
    ['PEM that is indented', `\n${pem.replace(/^/gm, '    ')}`, undefined],
    ['PEM in quotes', `"${pem.replaceAll('\n', '\\n')}"`, undefined],
    ['base64 of PEM', Buffer.from(pem).toString('base64'), undefined],
    ['base64 of PEM, in lines', Buffer.from(pem).toString('base64').replace(/.{76}/g, '$&\n'), undefined],
    ['base64 of encrypted PEM', Buffer.from(encrypted).toString('base64'), 'secret words'],
    ['encrypted PEM in one line', encrypted.replaceAll('\n', ' '), 'secret words'],
    ['traditional encrypted PEM', traditional, 'secret words'],
    ['traditional encrypted PEM, indented', traditional.replace(/^/gm, '  '), 'secret words'],
    ['the body of PKCS#1', pair.privateKey.export({ type: 'pkcs1', format: 'der' }).toString('base64'), undefined],
    ['PKCS#1', pair.privateKey.export({ type: 'pkcs1', format: 'pem' }) as string, undefined],
    ['the body of PEM', der.toString('base64'), undefined],
    ['bytes', new Uint8Array(der), undefined],
    ['the bytes of a PEM file', Buffer.from(pem), undefined],
    ['encrypted', encrypted, 'secret words'],
    ['not encrypted, with a passphrase', pem, 'secret words'],
  ])('is taken as %s', (_form, material, passphrase) => {
    const key = privateKey(material, passphrase, 'private_key');
    expect(createPublicKey(key).equals(pair.publicKey)).toBe(true);
  });

  it.each([
    ['encrypted, without a passphrase', encrypted, undefined, 'it is encrypted, and there is no private_key_file_pwd'],
    ['encrypted, with a wrong passphrase', encrypted, 'wrong words', 'private_key_file_pwd does not open it'],
    ['traditional, with a wrong passphrase', traditional, 'wrong words', 'private_key_file_pwd does not open it'],
    ['encrypted as OpenSSL 1 did', old, 'secret words', 'it is encrypted by a cipher of OpenSSL 1'],
    ['no key', 'nonsense', undefined, 'it is not a private key'],
    ['cut off', pem.slice(0, 200), undefined, 'it is not a private key'],
    ['a public key', pair.publicKey.export({ type: 'spki', format: 'pem' }), undefined, 'it is not a private key'],
    [
      'no RSA key',
      generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }),
      undefined,
      'it is a key of ed25519',
    ],
    ['a number', 42, undefined, 'it has to be text or bytes'],
  ])('that is %s is refused', (_form, material, passphrase, why) => {
    const read = (): unknown => privateKey(material, passphrase, '/run/key.p8');
    expect(read).toThrow(expect.objectContaining({ code: 'invalid_config' }));
    expect(read).toThrow(`the private key of /run/key.p8 cannot be used: ${why}`);
  });
});
