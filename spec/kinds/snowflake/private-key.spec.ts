import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { privateKey } from '../../../src/kinds/snowflake/private-key.ts';

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
