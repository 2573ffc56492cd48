import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createConnections, SqlConnection } from '../../../src/index.ts';
import { knexConfig } from '../../../src/kinds/sql/knex-config.ts';
import { targetOf } from '../../../src/kinds/sql/target.ts';
import { certificate } from '../../support/certificate.ts';
import { printedTlsWords, tlsWordsOfPage } from '../../support/tls-words-page.ts';
import { mysqlWitness, postgresWitness, type TlsWitness } from '../../support/tls-witness.ts';

let directory: string;
let ca: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hotline-tls-'));
  ca = join(directory, 'ca.pem');
  await writeFile(ca, certificate);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** `tls` and `plain` are what the server heard; a text is what the error says, and then the server heard nothing. */
type Row = readonly [config: Record<string, unknown>, outcome: 'tls' | 'plain' | RegExp];

const postgres: readonly Row[] = [
  [{}, 'plain'],
  ...['disable', 'allow'].map((mode): Row => [{ '?': `sslmode=${mode}` }, 'plain']),
  ...['prefer', 'require', 'verify-ca', 'verify-full', 'VERIFY_FULL', 'no-verify'].map((mode): Row => [
    { '?': `sslmode=${mode}` },
    'tls',
  ]),
  ...['true', '1', 'require', 'no-verify', 'on', 'verify-full', 'prefer', 'T'].map((value): Row => [
    { '?': `ssl=${value}` },
    'tls',
  ]),
  ...['false', '0', 'disable', 'off'].map((value): Row => [{ '?': `ssl=${value}` }, 'plain']),
  ...[true, 'true', '1', 1, 'require', {}, { rejectUnauthorized: false }, '{"rejectUnauthorized":false}'].map(
    (ssl): Row => [{ ssl }, 'tls'],
  ),
  ...[false, 'false', '0', 0, 'disable', 'no'].map((ssl): Row => [{ ssl }, 'plain']),
  [{ query: { ssl: true } }, 'tls'],
  [{ query: { ssl: 'false' } }, 'plain'],
  [{ query: { sslmode: 'require' } }, 'tls'],
  [{ sslmode: 'verify-full' }, 'tls'],
  [{ sslmode: 'disable' }, 'plain'],
  [{ create_engine_kwargs: { connect_args: { sslmode: 'require' } } }, 'tls'],
  [{ create_engine_kwargs: { connect_args: { ssl: true } } }, 'tls'],
  [{ create_engine_kwargs: { connect_args: { ssl: 'require' } } }, 'tls'],
  [{ create_engine_kwargs: { connect_args: { ssl_context: true } } }, 'tls'],
  [{ create_engine_kwargs: { connect_args: { ssl_context: {} } } }, 'tls'],
  [{ create_engine_kwargs: { connect_args: { direct_tls: true } } }, 'tls'],
  [{ knex: { connection: { ssl: true } } }, 'tls'],
  [{ knex: { connection: { ssl: 'false' } } }, 'plain'],
  [{ knex: { connection: { sslmode: 'require' } } }, 'tls'],
  [{ '?': 'sslnegotiation=direct' }, 'tls'],
  [{ '?': 'sslmode=require&sslnegotiation=postgres' }, 'tls'],
  [{ '?': 'sslrootcert=CA' }, 'tls'],
  [{ '?': 'sslrootcert=system' }, 'tls'],
  [{ '?': 'sslmode=require&sslrootcert=CA' }, 'tls'],
  [{ '?': 'ssl_min_protocol_version=TLSv1.2' }, 'tls'],
  [{ '?': 'sslmode=disable&ssl_min_protocol_version=TLSv1.2' }, 'plain'],
  [{ '?': 'requiressl=1' }, 'tls'],
  [{ '?': 'requiressl=0' }, 'plain'],
  [{ '?': 'uselibpqcompat=true&sslmode=require' }, 'tls'],
  [{ '?': 'sslmode=require&channel_binding=require' }, 'tls'],
  [{ '?': 'channel_binding=prefer' }, 'plain'],
  [{ '?': 'sslaccept=strict' }, 'tls'],
  [{ '?': 'gssencmode=disable' }, 'plain'],
  [{ '?': 'sslmode=require', query: { sslmode: 'verify-full' } }, 'tls'],
  [{ '?': 'sslmode=full' }, /^sslmode \(in url\): expected disable, .*verify-full/],
  [{ '?': 'ssl=' }, /^ssl \(in url\): expected/],
  [{ '?': 'ssl=maybe' }, /^ssl \(in url\): expected/],
  [{ '?': 'sslmode=require&sslmode=disable' }, /^sslmode \(in url\): expected/],
  [{ '?': 'sslmod=require' }, /^sslmod \(in url\): .*Did you mean sslmode\?/],
  [{ '?': 'encrypt=true' }, /^encrypt \(in url\): hotline does not know this word/],
  [{ '?': 'tlsCertificateKeyFile=x' }, /hotline does not know this word/],
  [{ '?': 'gssencmode=require' }, /^gssencmode/],
  [{ '?': 'sslcrldir=/x' }, /^sslcrldir \(in url\): it is not understood: name one file/],
  [{ SSL_Mod: 'require' }, /^SSL_Mod: .*Did you mean/],
  [{ query: { ssl_kee: 'x' } }, /^query\.ssl_kee: /],
  [
    { create_engine_kwargs: { connect_args: { ssl: { capath: '/x' } } } },
    /connect_args\.ssl\.capath: hotline does not/,
  ],
  [{ ssl: { rejectUnauthorised: false } }, /^ssl\.rejectUnauthorised: /],
  [{ '?': 'sslmode=verify-full', ssl: false }, /^sslmode \(in url\) and ssl contradict each other/],
  [{ '?': 'sslmode=verify-full', query: { sslmode: 'disable' } }, /contradict each other about TLS/],
  [{ '?': 'sslmode=verify-ca&ssl=no-verify' }, /contradict each other/],
  [{ sslmode: 'require', knex: { connection: { ssl: false } } }, /contradict each other/],
  [{ '?': 'sslmode=disable&sslrootcert=CA' }, /contradict each other/],
  [{ '?': 'sslcert=CA' }, /a client's certificate needs its key/],
  [{ '?': 'sslrootcert=/none.pem' }, /^sslrootcert \(in url\): the file cannot be read/],
  [{ ssl: { ciphers: 'none' } }, /cannot be used/],
  [{ '?': 'ssl_min_protocol_version=SSLv3' }, /expected TLSv1, TLSv1.1/],
];

const mysql: readonly Row[] = [
  [{}, 'plain'],
  ...['ssl-mode=REQUIRED', 'ssl_mode=VERIFY_CA', 'sslMode=VERIFY_IDENTITY', 'sslmode=require', 'sslmode=PREFERRED'].map(
    (word): Row => [{ '?': word }, 'tls'],
  ),
  ...['sslaccept=strict', 'sslaccept=accept_invalid_certs', 'ssl_verify_cert=true&ssl_verify_identity=true'].map(
    (word): Row => [{ '?': word }, 'tls'],
  ),
  ...['ssl=Amazon RDS', 'ssl=Amazon%20RDS', 'ssl=required', 'ssl=true', 'ssl=1', 'ssl={}', 'tls=skip-verify'].map(
    (word): Row => [{ '?': word }, 'tls'],
  ),
  ...['ssl={"rejectUnauthorized":false}', 'ssl_ca=CA', 'ssl-ca=CA', 'useSSL=true', 'requireSSL=true'].map(
    (word): Row => [{ '?': word }, 'tls'],
  ),
  ...[
    'ssl_disabled=false',
    'tls_versions=TLSv1.2,TLSv1.3',
    "tls_versions=['TLSv1.2']",
    'verifyServerCertificate=true',
  ].map((word): Row => [{ '?': word }, 'tls']),
  ...['ssl_disabled=True', 'ssl=false', 'ssl=0', 'ssl-mode=DISABLED', 'sslmode=disable', 'useSSL=false'].map(
    (word): Row => [{ '?': word }, 'plain'],
  ),
  ...[true, 'true', '1', 1, {}, 'REQUIRED', { rejectUnauthorized: false }].map((ssl): Row => [{ ssl }, 'tls']),
  ...[false, 'false', '0'].map((ssl): Row => [{ ssl }, 'plain']),
  [{ create_engine_kwargs: { connect_args: { ssl: { ca: 'CA' } } } }, 'tls'],
  [{ create_engine_kwargs: { connect_args: { ssl: { ca: 'CA', check_hostname: true } } } }, 'tls'],
  [{ create_engine_kwargs: { connect_args: { ssl_ca: 'CA', ssl_verify_cert: true } } }, 'tls'],
  [{ create_engine_kwargs: { connect_args: { ssl_mode: 'REQUIRED' } } }, 'tls'],
  [{ create_engine_kwargs: { connect_args: { ssl: { mode: 'REQUIRED' } } } }, 'tls'],
  [{ query: { ssl_ca: 'CA' } }, 'tls'],
  [{ query: { ssl: { ca: 'CA' } } }, 'tls'],
  [{ ssl_mode: 'REQUIRED' }, 'tls'],
  [{ knex: { connection: { ssl: 'Amazon RDS' } } }, 'tls'],
  [{ knex: { connection: { ssl: { rejectUnauthorized: true } } } }, 'tls'],
  [{ '?': 'ssl=Amazon' }, /^ssl \(in url\): expected/],
  [{ '?': 'ssl={nonsense' }, /^ssl \(in url\): expected/],
  [{ '?': 'ssl_disabled=true&ssl_ca=CA' }, /contradict each other/],
  [{ '?': 'useSSL=false&requireSSL=true' }, /contradict each other/],
  [{ '?': 'useSSL=false&sslMode=VERIFY_CA' }, /contradict each other/],
  [{ '?': 'sslaccept=lax' }, /^sslaccept \(in url\): expected strict, accept-invalid-certs/],
  [{ '?': 'sslidentity=x.p12' }, /^sslidentity \(in url\): it is not understood: write ssl_cert/],
  [{ '?': 'trustCertificateKeyStoreUrl=x' }, /hotline does not know this word/],
  [{ '?': 'ssl_fingerprint=x' }, /hotline does not know this word/],
];

/** The config of a row; `?` is the query of its URL, CA the path of a certificate. */
function configOf(row: Record<string, unknown>, url: string): Record<string, unknown> {
  const withFile = JSON.parse(JSON.stringify(row).replaceAll(/(?<=["=])CA(?=["&])/g, ca)) as Record<string, unknown>;
  const { '?': query, ...others } = withFile;
  return { url: query === undefined ? url : `${url}?${query as string}`, ...others };
}

async function outcome(witness: TlsWitness, config: Record<string, unknown>): Promise<string> {
  const before = witness.heard.length;
  const hot = createConnections({ sources: [], retry: { attempts: 1 } });
  const error = await hot.connection('pets', { type: SqlConnection, ...config }).then(
    () => undefined,
    (thrown: unknown) => thrown as Error & { code: string },
  );
  await hot.close();
  const heard = [...new Set(witness.heard.slice(before))].join();
  return heard || `${error?.code}: ${error?.message.replace(/^.*?"pets"[^:]*: /, '')}`;
}

describe.each([
  ['PostgreSQL', postgresWitness, 'postgresql://u:p@127.0.0.1', postgres],
  ['MySQL', mysqlWitness, 'mysql://u:p@127.0.0.1', mysql],
] as const)('what a server of %s hears of TLS', (_name, start, url, rows) => {
  let witness: TlsWitness;
  beforeAll(async () => {
    witness = await start();
  });
  afterAll(() => witness.close());

  it.each(rows.map(([config, expected]) => [JSON.stringify(config), String(expected), config, expected] as const))(
    '%s: %s',
    async (_config, _expected, config, expected) => {
      const found = await outcome(witness, configOf(config, `${url}:${witness.port}/db`));
      if (typeof expected === 'string') return expect(found).toBe(expected);
      expect(found).toMatch(/^invalid_config: /);
      expect(found.replace(/^invalid_config: /, '')).toMatch(expected);
    },
  );
});

describe('how much is verified', () => {
  const connection = (config: Record<string, unknown>): Record<string, unknown> =>
    knexConfig(targetOf(config), config, 'client').connection as Record<string, unknown>;
  const ignored = { checkServerIdentity: expect.any(Function) as unknown };
  const unverified = { rejectUnauthorized: false };
  const signed = { ca: certificate };

  it.each([
    ['sslmode=require', unverified],
    ['sslmode=prefer', unverified],
    ['sslmode=no-verify', unverified],
    ['sslmode=verify-ca', ignored],
    ['sslmode=verify-full', {}],
    ['ssl=true', {}],
    ['ssl=true&sslmode=require', unverified],
    ['sslrootcert=CA', signed],
    ['sslrootcert=system&sslmode=require', {}],
    ['sslmode=require&sslrootcert=CA', { ...signed, ...ignored }],
    ['sslmode=verify-full&sslrootcert=CA', signed],
    ['sslmode=no-verify&sslrootcert=CA', { ...signed, ...unverified }],
    ['ssl_min_protocol_version=TLSv1.3&sslmode=require', { ...unverified, minVersion: 'TLSv1.3' }],
    ['sslaccept=accept_invalid_certs', unverified],
  ])('PostgreSQL: %s', (query, ssl) => {
    expect(connection({ url: `postgresql://h/d?${query.replace('=CA', `=${ca}`)}` })['ssl']).toEqual(ssl);
  });

  it.each([
    ['ssl_mode=REQUIRED', unverified],
    ['ssl_mode=VERIFY_CA', ignored],
    ['ssl_mode=VERIFY_IDENTITY', { verifyIdentity: true }],
    ['ssl=true', ignored],
    ['ssl_ca=CA', { ...signed, ...ignored }],
    ['ssl_ca=CA&ssl_verify_identity=true', { ...signed, verifyIdentity: true }],
    ['ssl_ca=CA&ssl_verify_cert=false', { ...signed, ...unverified }],
    ['useSSL=true&verifyServerCertificate=true', ignored],
    ['sslaccept=strict', { verifyIdentity: true }],
    ['ssl=Amazon RDS', 'Amazon RDS'],
    ['tls_versions=TLSv1.2,TLSv1.3&ssl=true', { ...ignored, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' }],
  ])('MySQL: %s', (query, ssl) => {
    expect(connection({ url: `mysql://h/d?${query.replace('=CA', `=${ca}`)}` })['ssl']).toEqual(ssl);
  });

  it.each([
    ['', {}],
    ['Encrypt=yes', { encrypt: true, trustServerCertificate: false }],
    ['Encrypt=mandatory', { encrypt: true, trustServerCertificate: false }],
    ['Encrypt=strict', { encrypt: 'strict', trustServerCertificate: false }],
    ['encrypt=true&trustServerCertificate=true', { encrypt: true, trustServerCertificate: true }],
    ['TrustServerCertificate=yes', { encrypt: true, trustServerCertificate: true }],
    ['Encrypt=no', { encrypt: false }],
    ['Encrypt=optional&TrustServerCertificate=no', { encrypt: false }],
    ['encryption=require', { encrypt: true, trustServerCertificate: false }],
    ['Encrypt=yes&HostNameInCertificate=x', { encrypt: true, trustServerCertificate: false, serverName: 'x' }],
  ])('SQL Server: %s', (query, options) => {
    expect(connection({ url: `mssql://h/d?${query}` })['options']).toEqual(options);
  });

  it('SQL Server: in the words of tedious, too', () => {
    const of = (settings: object) => connection({ url: 'mssql://h/d', knex: { connection: settings } });
    expect(of({ encrypt: 'true' })).toMatchObject({ encrypt: true, options: { encrypt: true } });
    expect(of({ options: { encrypt: 'strict', appName: 'a' } })).toMatchObject({
      encrypt: 'strict',
      options: { encrypt: 'strict', appName: 'a' },
    });
    expect(() => connection({ url: 'mssql://h/d?Encrypt=strict&TrustServerCertificate=yes' })).toThrow(/contradict/);
    expect(() => connection({ url: 'mssql://h/d?Encrypt=perhaps' })).toThrow(/^Encrypt \(in url\): expected/);
  });

  it.each([
    ['', 'h:1521/d'],
    ['protocol=tcp', 'h:1521/d'],
    ['protocol=tcps', 'tcps://h:1521/d?ssl_server_dn_match=on'],
    ['ssl=true', 'tcps://h:1521/d?ssl_server_dn_match=on'],
    ['protocol=tcps&ssl_server_dn_match=false', 'tcps://h:1521/d?ssl_server_dn_match=off'],
    ['wallet_location=/w', 'tcps://h:1521/d?ssl_server_dn_match=on&wallet_location=/w'],
  ])('Oracle: %s', (query, connectString) => {
    expect(connection({ url: `oracle://h/d?${query}` })['connectString']).toBe(connectString);
  });

  it('Oracle: its driver verifies always', () => {
    expect(() => connection({ url: 'oracle://h/d?sslmode=require' })).toThrow(/verifies certificates/);
  });

  it('is refused where the driver could not do it', () => {
    const of = (config: Record<string, unknown>, client: string) => () => knexConfig(targetOf(config), config, client);
    expect(of({ url: 'mysql://h/d?ssl_mode=VERIFY_IDENTITY' }, 'mysql')).toThrow(/npm install mysql2/);
    expect(of({ url: 'mysql://h/d', ssl: { servername: 'x' } }, 'mysql2')).toThrow(
      'ssl.servername: mysql2 would not hear it',
    );
    expect(of({ url: 'postgresql://h/d?sslmode=require' }, 'pgnative')).toThrow(/the driver is pg/);
    const knex = { connection: () => ({}) };
    expect(of({ url: 'postgresql://h/d?sslmode=require', knex }, 'pg')).toThrow(/^knex\.connection: a function/);
    expect(of({ url: 'postgresql://h/d', knex }, 'pg')).not.toThrow();
  });

  it('SQLite: a file has no TLS', () => {
    expect(() => connection({ url: 'sqlite:///x.db?sslmode=require' })).toThrow(/a file has no TLS/);
  });
});

describe('the table in the docs', () => {
  it('is printed from the words', () => {
    expect(tlsWordsOfPage()).toBe(printedTlsWords());
  });
});
