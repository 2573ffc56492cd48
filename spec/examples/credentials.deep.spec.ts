import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createConnections, inline, SqlConnection, type Credentials, type CredentialsProvider } from 'hotline';
// @ts-expect-error -- an example is plain JavaScript
import { rdsIam as untypedRds } from '../../docs/examples/credentials/rds-iam.js';
// @ts-expect-error -- an example is plain JavaScript
import { cloudSql as untypedCloudSql, entra as untypedEntra } from '../../docs/examples/credentials/cloud.js';
// @ts-expect-error -- an example is plain JavaScript
import { vaultDatabase as untypedVault } from '../../docs/examples/credentials/vault-database.js';
import { startPostgres, type Postgres } from '../support/postgres.ts';

type Get = (context: object) => Promise<Credentials>;
const rdsIam = untypedRds as (options: object) => Get;
const cloudSql = untypedCloudSql as (options: object) => Get;
const entra = untypedEntra as (options: object) => Get;
const vaultDatabase = untypedVault as (address: string, token: string, role: string) => CredentialsProvider;

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** Plays an HTTP API; resolves with its address. */
async function played(answer: (request: IncomingMessage, response: ServerResponse) => unknown): Promise<string> {
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => new Promise((resolve) => server.close(resolve).closeAllConnections()));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('recipes of credentials', () => {
  it('RDS: a token for one host, port and user, for 15 minutes', async () => {
    const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'hunter2-hunter2' };
    const get = rdsIam({ region: 'eu-central-1', credentials });
    const { password, expiresAt } = await get({ host: 'db.example.org', port: undefined, username: 'app' });
    const url = new URL(`https://${password}`);
    expect(url.host).toBe('db.example.org:5432');
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      Action: 'connect',
      DBUser: 'app',
      'X-Amz-Expires': '900',
      'X-Amz-Credential': expect.stringMatching(/^AKIAEXAMPLE\/\d{8}\/eu-central-1\/rds-db\/aws4_request$/),
    });
    expect(password).not.toContain('hunter2');
    expect(Number(expiresAt) - Date.now()).toBeGreaterThan(890_000);
  });

  it('Cloud SQL: the token of the machine, by the headers that its metadata server asks for', async () => {
    const address = await played(({ headers, url }, response) => {
      const right = headers['metadata-flavor'] === 'Google' && url?.endsWith('/service-accounts/default/token');
      response.writeHead(right ? 200 : 403).end(JSON.stringify({ access_token: 'g', expires_in: 3599 }));
    });
    const { password, expiresAt } = await cloudSql({ host: new URL(address).host })({});
    expect(password).toBe('g');
    expect(Number(expiresAt) - Date.now()).toBeGreaterThan(3_590_000);
  });

  it('Entra: the token for PostgreSQL and MySQL, with the header of App Service', async () => {
    const expires_on = Math.floor(Date.now() / 1000) + 3600;
    const address = await played(({ headers, url }, response) => {
      const { searchParams } = new URL(url!, 'http://localhost');
      const right = searchParams.get('resource') === 'https://ossrdbms-aad.database.windows.net';
      const known = headers['x-identity-header'] === 'h' && searchParams.get('api-version') === '2019-08-01';
      response
        .writeHead(right && known ? 200 : 400)
        .end(JSON.stringify({ access_token: 'e', expires_on: `${expires_on}` }));
    });
    const get = entra({ endpoint: `${address}/msi/token`, header: 'h' });
    expect(await get({})).toEqual({ password: 'e', expiresAt: expires_on * 1000 });
    await expect(entra({ endpoint: address, header: 'wrong' })({})).rejects.toThrow('answered 400');
  });
});

describe('roles that Vault makes', () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  }, 60_000);
  afterAll(() => postgres?.close());

  /** Plays the two calls of Vault's API that the recipe makes, with real roles, which end with their leases. */
  function vault(seconds: number) {
    const made: string[] = [];
    const cut: string[] = [];
    const leases = new Map<string, string>();
    const end = async (lease: string): Promise<void> => {
      const role = leases.get(lease);
      if (!leases.delete(lease)) return;
      await postgres.sql(`select pg_terminate_backend(pid) from pg_stat_activity where usename = '${role}'`);
      await postgres.sql(`drop role ${role}`);
    };
    const answer = async (request: IncomingMessage, response: ServerResponse): Promise<unknown> => {
      if (request.headers['x-vault-token'] !== 'token') return response.writeHead(403).end();
      if (request.method === 'GET' && request.url === '/v1/database/creds/app') {
        const [username, password] = [`v_app_${made.length}`, `p-${Math.random()}`];
        made.push(username);
        await postgres.sql(`create role ${username} login password '${password}'`);
        const lease_id = `database/creds/app/${username}`;
        leases.set(lease_id, username);
        const over = (): void => {
          if (leases.has(lease_id)) cut.push(username);
          void end(lease_id);
        };
        setTimeout(over, seconds * 1000).unref();
        return response.end(JSON.stringify({ lease_id, lease_duration: seconds, data: { username, password } }));
      }
      if (request.method !== 'PUT' || request.url !== '/v1/sys/leases/revoke') return response.writeHead(404).end();
      let body = '';
      for await (const chunk of request) body += String(chunk);
      await end((JSON.parse(body) as { lease_id: string }).lease_id);
      return response.writeHead(204).end();
    };
    return { made, cut, leases, answer };
  }

  it('serve without one failed read over several of their lives, and each is dropped', async () => {
    const { made, cut, leases, answer } = vault(5);
    const credentials = { vault: vaultDatabase(await played(answer), 'token', 'app') };
    const place = { type: 'sql', dialect: 'postgresql', host: '127.0.0.1', port: postgres.port, database: 'postgres' };
    const connections = { pets: { ...place, credentials: 'vault' } };
    const hot = createConnections({ sources: [inline({ connections })], credentials, drainTimeout: 300 });
    const pets = await hot.connection('pets', { type: SqlConnection });
    const users = new Set<string>();
    const failed: unknown[] = [];
    const end = Date.now() + 12_000;
    const work = async (): Promise<void> => {
      while (Date.now() < end)
        await pets.query<{ who: string }>('select current_user as who, pg_sleep(0.005)').then(
          ([row]) => users.add(row!.who),
          (error: unknown) => failed.push(error),
        );
    };
    await Promise.all(Array.from({ length: 8 }, work));
    await hot.close();
    expect(failed).toEqual([]);
    // Nobody was in use to the end of its lease: each was revoked before.
    expect(cut).toEqual([]);
    expect(users.size).toBeGreaterThanOrEqual(3);
    expect(made.length).toBeLessThanOrEqual(Math.ceil(12 / 4) + 1);
    expect([...leases]).toEqual([]);
    expect(await postgres.sql(`select rolname from pg_roles where rolname like 'v_app_%'`)).toEqual([]);
  });
});
