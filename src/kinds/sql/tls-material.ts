import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { ConfigError } from '../../errors/index.ts';
import { labelOf, type Written } from './written.ts';

/** A certificate or key: its text as it is, or what its file holds. */
export function material(option: string, value: unknown, written: Written): unknown {
  if (Array.isArray(value)) return value.map((item) => material(option, item, written));
  if (!namesFile(value)) return value;
  if (typeof value !== 'string' || value === '') throw refused(written, 'expected the path of a file.');
  try {
    return readFileSync(value, option === 'pfx' ? undefined : 'utf8');
  } catch (error) {
    throw refused(written, 'the file cannot be read.', error);
  }
}

/** True where a certificate is given by its path, and not by its text or bytes. */
export function namesFile(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(namesFile);
  return (
    !ArrayBuffer.isView(value) && !(typeof value === 'object' && value !== null) && !/-----BEGIN /.test(String(value))
  );
}

/** Some drivers take certificates only when the server has answered, where what they throw ends the process. */
export function refuseUnusable(tls: Readonly<Record<string, unknown>>): void {
  if ('cert' in tls && !('key' in tls) && !/PRIVATE KEY-----/.test(String(tls['cert'])))
    throw new ConfigError(
      'invalid_config',
      "TLS: a client's certificate needs its key (sslkey or ssl_key). The certificate that signs the server's is sslrootcert or ssl_ca.",
    );
  try {
    createSecureContext(tls);
  } catch (error) {
    throw new ConfigError('invalid_config', 'TLS: the certificates, the key or the versions cannot be used.', {
      cause: error,
    });
  }
}

function refused(written: Written, why: string, cause?: unknown): ConfigError {
  return new ConfigError('invalid_config', `${labelOf(written)}: ${why}`, { setting: written.setting, cause });
}
