import { describe, expect, it } from '@jest/globals';
import { BehaviorSubject } from 'rxjs';
import { createConnections, SqlConnection, type SecretTree } from '../../../src/index.ts';
import { sqlSettings } from '../../../src/kinds/sql/settings.ts';
import { certificate } from '../../support/certificate.ts';

const pg = 'postgresql://u@h/d';
const my = 'mysql://u@h/d';
const args = (connect_args: object) => ({ create_engine_kwargs: { connect_args } });
const knex = (connection: unknown) => ({ knex: { connection } });

/** What leads to something on this machine, and in which setting. */
const reaching: readonly (readonly [setting: string, config: Record<string, unknown>])[] = [
  ['url', { url: 'sqlite:///pets.db' }],
  ['filename', { dialect: 'sqlite', filename: 'pets.db' }],
  ['database', { dialect: 'sqlite', database: 'pets.db' }],
  ['knex', { url: 'sqlite://', ...knex({ filename: 'pets.db' }) }],
  ['on_connect', { url: 'sqlite://', on_connect: "attach 'pets.db' as pets" }],
  ['query', { dialect: 'sqlite', database: 'x', query: { mode: 'rwc' } }],
  ...[
    'sslkey=k',
    'sslcert=c',
    'sslrootcert=r',
    'host=/run',
    'host=@abstract',
    'passfile=x',
    'service=x',
    'sslcrl=x',
  ].map((query) => ['url', { url: `${pg}?${query}` }] as const),
  ['url', { url: 'postgresql://u@%2Frun%2Fpostgresql/d' }],
  ['url', { url: `${pg}?ssl={"ca":"/x"}` }],
  ['host', { dialect: 'postgresql', username: 'u', host: '/run' }],
  ['query', { url: pg, query: { host: '/run' } }],
  ['query', { url: pg, query: { sslrootcert: '/x' } }],
  ['sslrootcert', { url: pg, sslrootcert: '/x' }],
  ['ssl', { url: pg, ssl: { ca: '/x' } }],
  ['ssl', { url: pg, ssl: { key: ['/x'] } }],
  ['ssl', { url: pg, ssl: '{"pfx":"/x"}' }],
  ['create_engine_kwargs', { url: pg, ...args({ sslcert: '/x' }) }],
  ['create_engine_kwargs', { url: pg, ...args({ host: '/run' }) }],
  ['create_engine_kwargs', { url: my, ...args({ ssl: { ca: '/x' } }) }],
  ['create_engine_kwargs', { url: my, ...args({ unix_socket: '/x' }) }],
  ['create_engine_kwargs', { url: my, ...args({ read_default_file: '/x' }) }],
  ['create_engine_kwargs', { url: my, ...args({ local_infile: 1 }) }],
  ['knex', { url: my, ...knex({ socketPath: '/x' }) }],
  ['knex', { url: my, ...knex({ permitLocalInfile: true }) }],
  ['knex', { url: my, ...knex({ ssl: { cert: '/x' } }) }],
  ['knex', { url: pg, ...knex({ host: '/run' }) }],
  ['knex', { url: pg, ...knex({ connectionString: `${pg}?sslrootcert=/x` }) }],
  ['knex', { url: pg, ...knex({ connectionString: 'postgresql://u@%2Frun/d' }) }],
  ['knex', { url: pg, ...knex(`${pg}?host=/run`) }],
  ['knex', { url: pg, knex: { migrations: { directory: '/x' } } }],
  ['knex', { url: pg, ...knex({ ssl: { clientCertEngine: 'x' } }) }],
  ['url', { url: `${my}?unix_socket=/x` }],
  ['url', { url: `${my}?ssl_ca=/x` }],
  ['url', { url: 'oracle://u@h/d?wallet_location=/x' }],
  ['url', { url: 'oracle://u@h/(DESCRIPTION=(ADDRESS=(PROTOCOL=BEQ)(PROGRAM=x)))' }],
  ['knex', { url: 'oracle://u@h/d', ...knex({ externalAuth: true }) }],
  ['url', { url: 'mssql://u@%5C%5C.%5Cpipe%5Csql/d' }],
];

const elsewhere: readonly (readonly [setting: string, config: Record<string, unknown>])[] = [
  ['url', { url: pg }],
  ['url', { url: 'sqlite://' }],
  ['url', { url: 'nonsense' }],
  ['url', { url: `${pg}?sslmode=verify-full&sslrootcert=system&application_name=/x` }],
  ['url', { url: my, query: { ssl_cert: 'cert.pem' } }],
  ['query', { url: pg, query: { options: '-c a=/x' } }],
  ['ssl', { url: pg, ssl: { ca: certificate } }],
  ['ssl', { url: pg, ssl: true }],
  ['knex', { url: pg, knex: {} }],
  ['knex', { url: pg, knex: { pool: { max: 3 }, searchPath: ['a'], connection: { application_name: 'a' } } }],
  ['create_engine_kwargs', { url: my, ...args({ local_infile: 0, charset: 'utf8mb4' }) }],
  ['host', { url: pg, host: 'h' }],
];

const local = (setting: string, config: Record<string, unknown>) => sqlSettings[setting]?.local?.(config) ?? false;

describe('what leads to something on this machine', () => {
  it.each(reaching)('%s: %j', (setting, config) => {
    expect(local(setting, config)).toBe(true);
  });

  it.each(elsewhere)('nothing in %s: %j', (setting, config) => {
    expect(local(setting, config)).toBe(false);
  });

  it.each(reaching)('is refused where a remote source says it: %s: %j', async (setting, config) => {
    const secrets$ = new BehaviorSubject({
      state: 'loaded',
      trust: 'remote',
      secrets: { connections: { pets: config as SecretTree } },
      originOf: () => 'remote',
    });
    const source = Object.assign(secrets$, { label: 'remote' });
    const hot = createConnections({ sources: [source as never], retry: { attempts: 1 } });
    const opened = hot.connection('pets', { type: SqlConnection });
    await expect(opened).rejects.toMatchObject({ code: 'untrusted_reference' });
    await hot.close();
  });
});
