import { ConfigError } from '../../errors/index.ts';
import type { Family } from './dialects.ts';
import type { Target } from './target.ts';
import type { Tls } from './tls.ts';
import type { Level } from './tls-word.ts';

type Options = Readonly<Record<string, unknown>>;

const namesIgnored = { checkServerIdentity: () => undefined };

const byFamily: Readonly<Record<Family, (level: Level, tls: Options, target: Target) => Options>> = {
  postgresql: (level, tls) => ({ ssl: level === 0 ? false : certified(level, tls) }),
  mysql: (level, tls, { driver }) =>
    level === 0 ? {} : { ssl: profiled(level, driver === 'mariadb' ? tls : heard(tls)) },
  mssql: (level, tls) => ({
    encrypt: level > 0,
    options: {
      encrypt: level > 0,
      ...(level > 0 && { trustServerCertificate: level === 1 }),
      ...(tls['servername'] !== undefined && { serverName: tls['servername'] }),
      ...credentials(tls),
    },
  }),
  oracle: (level, _tls, target) => secured(level, target),
  sqlite: () => ({}),
};

/** The driver's own words for the TLS that was asked for; nothing where nobody asked. */
export function tlsSettings(target: Target, { level, tls, beside }: Tls): Options {
  const { family } = target.dialect;
  if (level === undefined) return family === 'oracle' ? {} : beside;
  const settings = byFamily[family](level, tls, {
    ...target,
    query: { ...target.query, ...(beside as Target['query']) },
  });
  if (family === 'oracle') return settings;
  if (family !== 'mssql') return { ...settings, ...(level > 0 && beside) };
  const [, instanceName] = (target.host ?? '').split('\\');
  const { encrypt } = { ...settings, ...(level > 0 && beside) };
  return { encrypt, options: { ...(settings['options'] as Options), encrypt, ...(instanceName && { instanceName }) } };
}

function certified(level: Level, tls: Options): Options {
  if (level === 1) return { ...tls, rejectUnauthorized: false };
  return level === 2 ? { ...tls, ...namesIgnored } : tls;
}

/** mysql2 hands to Node.js what it knows, and drops the rest. */
function heard(tls: Options): Options {
  const known = 'ca cert key passphrase ciphers minVersion maxVersion profile'.split(' ');
  const lost = Object.keys(tls).find((name) => !known.includes(name));
  if (lost === undefined) return tls;
  throw new ConfigError('invalid_config', `ssl.${lost}: mysql2 would not hear it: leave it out.`, { setting: 'ssl' });
}

/** mysql2 looks at the name only where it is told to; mariadb unless it is told not to. */
function profiled(level: Level, tls: Options): unknown {
  const { profile, ...others } = tls;
  if (profile === undefined) return level === 3 ? { ...tls, verifyIdentity: true } : certified(level, tls);
  if (level === 2 && Object.keys(others).length === 0) return profile;
  throw new ConfigError(
    'invalid_config',
    'ssl: the profile of mysql2 goes with no other word about TLS: write ssl_ca.',
    {
      setting: 'ssl',
    },
  );
}

function credentials(tls: Options): Options {
  const { servername: _name, ...others } = tls;
  return Object.keys(others).length > 0 ? { cryptoCredentialsDetails: others } : {};
}

/** The driver takes its TLS from the address. It always verifies who signed the certificate. */
function secured(level: Level, { host, port, database, query }: Target): Options {
  if (level === 0) return {};
  if (level === 1)
    throw new ConfigError(
      'invalid_config',
      'TLS: the driver of Oracle verifies certificates: write ssl_server_dn_match = false.',
    );
  const named = (name: string): string => (query[name] === undefined ? '' : `&${name}=${String(query[name])}`);
  const asked = `ssl_server_dn_match=${level === 3 ? 'on' : 'off'}${named('ssl_server_cert_dn')}${named('wallet_location')}`;
  const service = String(query['service_name'] ?? database ?? '');
  return { connectString: `tcps://${host ?? 'localhost'}:${port ?? 1521}/${service}?${asked}` };
}
