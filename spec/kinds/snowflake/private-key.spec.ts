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

describe('a private key', () => {
  it.each([
    ['PEM', pem, undefined],
    ['PEM with escaped line breaks', pem.replaceAll('\n', '\\n'), undefined],
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
