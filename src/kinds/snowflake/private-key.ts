import { createPrivateKey, type KeyObject } from 'node:crypto';
import { ConfigError } from '../../errors/index.ts';

/**
 * A private key as the driver takes it: PKCS#8, PEM, not encrypted.
 *
 * @param material PEM text, its base64 body, or the bytes of a key (DER).
 * @param origin Where it was written, for the message: `private_key`, or the path of a file.
 * @throws ConfigError `invalid_config` saying what is wrong with it, never what it is.
 */
export function privateKey(material: unknown, passphrase: string | undefined, origin: string): string {
  const key = read(material, passphrase, origin);
  if (key.asymmetricKeyType !== 'rsa')
    throw refused(origin, `it is a key of ${key.asymmetricKeyType}, and has to be RSA`);
  return key.export({ format: 'pem', type: 'pkcs8' }) as string;
}

function read(material: unknown, passphrase: string | undefined, origin: string): KeyObject {
  const [input, encrypted] = inputOf(material, origin);
  if (encrypted && !passphrase) throw refused(origin, 'it is encrypted, and there is no private_key_file_pwd');
  try {
    return createPrivateKey({ ...input, ...(passphrase && { passphrase }) });
  } catch (error) {
    throw refused(
      origin,
      encrypted ? 'private_key_file_pwd does not open it' : 'it is not a private key (PEM, PKCS#8)',
      error,
    );
  }
}

type KeyInput = { key: string; format: 'pem' } | { key: Buffer; format: 'der'; type: 'pkcs8' };

function inputOf(material: unknown, origin: string): [input: KeyInput, encrypted: boolean] {
  if (material instanceof Uint8Array && material[0] === 0x30) return [der(Buffer.from(material)), false];
  const text = material instanceof Uint8Array ? Buffer.from(material).toString() : material;
  if (typeof text !== 'string') throw refused(origin, 'it has to be text or bytes');
  // An environment variable often holds the line breaks as two characters.
  const pem = text.replaceAll('\\n', '\n').trim();
  if (pem.includes('-----BEGIN')) return [{ key: pem, format: 'pem' }, /ENCRYPTED/.test(pem)];
  return [der(Buffer.from(pem, 'base64')), false];
}

function der(key: Buffer): KeyInput {
  return { key, format: 'der', type: 'pkcs8' };
}

function refused(origin: string, why: string, cause?: unknown): ConfigError {
  return new ConfigError('invalid_config', `the private key of ${origin} cannot be used: ${why}.`, { cause });
}
