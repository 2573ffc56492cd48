import type { Family } from './dialects.ts';
import type { Meaning, TlsWord } from './tls-word.ts';

const plain: Meaning = { most: 0, mode: 0 };
const encrypted: Meaning = { least: 1, mode: 1 };
const unverified: Meaning = { least: 1, most: 1 };
const signed: Meaning = { least: 2, mode: 2 };
const proven: Meaning = { least: 3 };
const nothing: Meaning = {};

const modes = {
  disable: plain,
  disabled: plain,
  allow: { mode: 0 },
  prefer: encrypted,
  preferred: encrypted,
  require: encrypted,
  required: encrypted,
  'no-verify': unverified,
  'skip-verify': unverified,
  trust: unverified,
  'verify-ca': signed,
  'verify-full': proven,
  'verify-identity': proven,
} as const satisfies Record<string, Meaning>;
const switched = { on: { least: 1 }, off: plain } as const;
const ifOn = (on: Meaning): Record<string, Meaning> => ({ on, off: nothing });

const mode: TlsWord = {
  names: ['sslmode', 'ssl-mode', 'ssl_mode'],
  values: modes,
  says: 'the mode; prefer is require',
};
const ssl: TlsWord = {
  names: ['ssl', 'tls', 'ssl_context', 'use_ssl'],
  table: true,
  values: { ...modes, ...switched },
  says: 'TLS or none, a mode, or a table of options',
};
const ca = (meaning: Meaning): TlsWord => ({
  names: ['sslrootcert', 'ssl_ca'],
  file: 'ca',
  values: { system: proven },
  meaning: { least: 1, ...meaning },
  says: 'the certificate that signs; system: those of Node.js',
});

/** Words that mean the same wherever they stand. */
const common: readonly TlsWord[] = [
  { names: ['sslcert'], file: 'cert', meaning: { least: 1 }, says: "the client's certificate" },
  { names: ['sslkey'], file: 'key', meaning: { least: 1 }, says: "the client's key" },
  { names: ['sslpassword', 'ssl_key_password', 'sslpassphrase'], text: 'passphrase', says: 'the password of the key' },
  { names: ['sslcrl'], file: 'crl', meaning: { least: 2 }, says: 'revoked certificates' },
  { names: ['ssl_cipher', 'ssl_ciphers'], text: 'ciphers', meaning: { raise: 1 }, says: 'the ciphers' },
  {
    names: ['tls_version', 'tls_versions', 'enabledTLSProtocols'],
    versions: 'all',
    meaning: { raise: 1 },
    says: 'the versions, such as TLSv1.2,TLSv1.3',
  },
  {
    names: ['ssl_min_protocol_version'],
    versions: 'minVersion',
    meaning: { raise: 1 },
    says: 'the oldest version',
  },
  {
    names: ['ssl_max_protocol_version'],
    versions: 'maxVersion',
    meaning: { raise: 1 },
    says: 'the newest version',
  },
  {
    names: ['sslaccept'],
    values: { strict: proven, 'accept-invalid-certs': unverified },
    says: 'what Prisma and PlanetScale call the mode',
  },
  {
    names: ['ssl_verify_cert', 'verifyServerCertificate', 'rejectUnauthorized'],
    values: { on: { least: 2 }, off: { most: 1 } },
    says: 'whether the certificate is verified',
  },
  {
    names: ['ssl_verify_identity', 'verifyIdentity', 'check_hostname'],
    values: { on: proven, off: { most: 2 } },
    says: 'whether the name in it is, too',
  },
  { names: ['useSSL', 'requireSSL', 'requiressl'], values: ifOn(encrypted), says: 'TLS, as JDBC and old libpq say it' },
  {
    names: ['trustServerCertificate'],
    values: { on: { most: 1 }, off: { least: 0 } },
    says: 'the certificate is not verified',
  },
  { names: ['sslidentity'], local: true, instead: 'write ssl_cert and ssl_key, as PEM', says: 'a PKCS 12 file' },
  { names: ['ssl_capath', 'sslcrldir'], local: true, instead: 'name one file', says: 'a folder of certificates' },
  { names: ['sslkeylogfile'], local: true, instead: 'start Node.js with --tls-keylog', says: 'a log of the keys' },
];

const postgresql: readonly TlsWord[] = [
  mode,
  ssl,
  ca({ raise: 2 }),
  ...common,
  {
    names: ['sslnegotiation'],
    values: { postgres: nothing, direct: { least: 1, beside: { sslnegotiation: 'direct' } } },
    says: 'direct: TLS from the first byte (PostgreSQL 17)',
  },
  {
    names: ['direct_tls'],
    values: ifOn({ least: 1, beside: { sslnegotiation: 'direct' } }),
    says: "asyncpg's word for sslnegotiation=direct",
  },
  {
    names: ['channel_binding'],
    values: {
      disable: nothing,
      prefer: { beside: { enableChannelBinding: true } },
      require: { least: 1, beside: { enableChannelBinding: true } },
    },
    says: 'the login is bound to the TLS connection where the server offers it',
  },
  { names: ['sslcompression'], values: { off: nothing }, says: 'compression, which TLS no longer has' },
  { names: ['sslsni'], values: { on: nothing }, says: 'the name of the host is sent, as always' },
  { names: ['sslcertmode'], values: { allow: nothing }, says: "the client's certificate is sent where there is one" },
  {
    names: ['uselibpqcompat'],
    values: { on: nothing, off: nothing },
    says: 'sslmode means what it means in libpq, always',
  },
  { names: ['gssencmode'], values: { disable: nothing, prefer: nothing }, says: 'Kerberos, which pg does not have' },
];

const mysql: readonly TlsWord[] = [
  mode,
  { ...ssl, values: { ...ssl.values, 'amazon-rds': { least: 1, mode: 2, tls: { profile: 'Amazon RDS' } } } },
  ca({ mode: 2 }),
  ...common,
  { names: ['ssl_disabled'], values: { on: plain, off: encrypted }, says: 'no TLS' },
];

const mssql: readonly TlsWord[] = [
  {
    names: ['encrypt', 'encryption'],
    values: {
      ...switched,
      mandatory: { least: 1 },
      require: { least: 1 },
      required: { least: 1 },
      request: { least: 1 },
      strict: { least: 3, beside: { encrypt: 'strict' } },
      optional: plain,
      disable: plain,
      disabled: plain,
    },
    says: 'TLS; strict: from the first byte (TDS 8)',
  },
  mode,
  ssl,
  ca({ raise: 2 }),
  ...common,
  { names: ['hostNameInCertificate'], text: 'servername', meaning: { raise: 1 }, says: 'the name in the certificate' },
  { names: ['serverCertificate'], local: true, instead: 'write ssl_ca', says: "the server's own certificate" },
  { names: ['columnEncryption'], values: { off: nothing, disabled: nothing }, says: 'encrypted columns' },
];

const oracle: readonly TlsWord[] = [
  {
    names: ['protocol'],
    values: { tcp: plain, tcps: { least: 1 } },
    says: 'tcps: TLS',
  },
  mode,
  ssl,
  ...common.filter((word) => !word.file && !word.versions && !word.text),
  { names: ['ssl_server_dn_match'], values: { on: proven, off: { most: 2, least: 2 } }, says: 'the name is verified' },
  {
    names: ['ssl_server_cert_dn'],
    text: 'ssl_server_cert_dn',
    beside: true,
    meaning: { least: 3 },
    says: 'the name in the certificate',
  },
  {
    names: ['wallet_location'],
    text: 'wallet_location',
    beside: true,
    local: true,
    meaning: { least: 2 },
    says: 'the folder of the wallet',
  },
];

const sqlite: readonly TlsWord[] = [];

/** Every word of TLS by family. The table in the docs is printed from it. */
export const tlsWords: Readonly<Record<Family, readonly TlsWord[]>> = { postgresql, mysql, mssql, oracle, sqlite };

/** The entries of an `ssl` table besides the options that a driver hands to Node.js as they are. */
export const tableWords: readonly TlsWord[] = [
  { names: ['ca'], file: 'ca', meaning: { raise: 2 }, says: 'the certificate that signs, its text or its file' },
  { names: ['cert'], file: 'cert', says: "the client's certificate, its text or its file" },
  { names: ['key'], file: 'key', says: "the client's key, its text or its file" },
  { names: ['pfx'], file: 'pfx', says: 'both, as PKCS 12' },
  { names: ['cipher', 'ciphers'], text: 'ciphers', says: 'the ciphers' },
  {
    names: ['verify_mode'],
    values: {
      off: { most: 1 },
      none: { most: 1 },
      'cert-none': { most: 1 },
      on: { least: 2 },
      required: { least: 2 },
      'cert-required': { least: 2 },
    },
    says: 'whether the certificate is verified',
  },
  { names: ['mode'], values: modes, says: 'the mode' },
  { names: ['profile'], values: { 'amazon-rds': { mode: 2, tls: { profile: 'Amazon RDS' } } }, says: 'a profile' },
];
