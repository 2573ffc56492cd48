import { createPrivateKey, type KeyObject } from 'node:crypto';
import { ConfigError } from '../../errors/index.ts';

/**
 * A private key as the driver takes it: PKCS#8, PEM, not encrypted.
 *
 * @param material PEM text, however its lines were broken; its base64 body; base64 of either; or the bytes of a key (DER).
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
  const inputs = inputsOf(material, origin);
  const encrypted = inputs.some(({ key }) => typeof key === 'string' && key.includes('ENCRYPTED'));
  if (encrypted && !passphrase) throw refused(origin, 'it is encrypted, and there is no private_key_file_pwd');
  let failure: unknown;
  for (const input of inputs) {
    try {
      return createPrivateKey({ ...input, ...(passphrase && { passphrase }) });
    } catch (error) {
      failure ??= error;
    }
  }
  throw refused(origin, encrypted ? unopened(failure) : 'it is not a private key (PEM, PKCS#8)', failure);
}

/** Node has no ciphers of OpenSSL 1 (DES, RC2) any more: such a key is not opened by any passphrase. */
function unopened(failure: unknown): string {
  const { code = '' } = failure as { code?: string };
  if (!/UNSUPPORTED/.test(code)) return 'private_key_file_pwd does not open it';
  return 'it is encrypted by a cipher of OpenSSL 1, which Node does not read. Encrypt it anew: openssl pkcs8 -provider legacy -provider default -topk8 -v2 aes256 -in old.p8 -out new.p8';
}

type KeyInput = { key: string; format: 'pem' } | { key: Buffer; format: 'der'; type: 'pkcs8' | 'pkcs1' };

/** The ways to read the material, the likeliest first. */
function inputsOf(material: unknown, origin: string): KeyInput[] {
  if (material instanceof Uint8Array && material[0] === 0x30) return der(Buffer.from(material));
  const text = material instanceof Uint8Array ? Buffer.from(material).toString() : material;
  if (typeof text !== 'string') throw refused(origin, 'it has to be text or bytes');
  const pem = pemOf(text);
  if (pem !== undefined) return [{ key: pem, format: 'pem' }];
  const bytes = Buffer.from(unescaped(text), 'base64');
  // Secrets of Kubernetes and of CI often hold base64 of the whole file.
  const inner = pemOf(bytes.toString('latin1'));
  return inner === undefined ? der(bytes) : [{ key: inner, format: 'pem' }];
}

/** An environment variable often holds the line breaks as two characters each, and quotes around everything. */
function unescaped(text: string): string {
  return text.replace(/\\r|\\n|\r/g, '\n').replace(/^\s*(["'])([^]*)\1\s*$/, '$2');
}

/** The PEM that a text holds, with the line breaks that it needs: they get lost, or are indented. */
function pemOf(text: string): string | undefined {
  const found = /-----BEGIN ([A-Z0-9 ]+)-----([^]*?)-----END \1-----/.exec(unescaped(text));
  if (!found) return undefined;
  const [, label, content = ''] = found;
  const headers = /Proc-Type:\s*(\S+)\s+DEK-Info:\s*(\S+)/.exec(content);
  const body = content.slice(headers ? headers.index + headers[0].length : 0).replace(/\s/g, '');
  const lines = body.match(/.{1,64}/g) ?? [];
  const head = headers ? [`Proc-Type: ${headers[1]}`, `DEK-Info: ${headers[2]}`, ''] : [];
  return [`-----BEGIN ${label}-----`, ...head, ...lines, `-----END ${label}-----`, ''].join('\n');
}

function der(key: Buffer): KeyInput[] {
  return [
    { key, format: 'der', type: 'pkcs8' },
    { key, format: 'der', type: 'pkcs1' },
  ];
}

function refused(origin: string, why: string, cause?: unknown): ConfigError {
  return new ConfigError('invalid_config', `the private key of ${origin} cannot be used: ${why}.`, { cause });
}
