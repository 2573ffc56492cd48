import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createConnections, inline, SnowflakeConnection, type ConnectionRegistry } from '../../../src/index.ts';
import { errorOf, sandbox } from '../../support/snowflake-world.ts';
import { WireMock, type Mapping } from '../../support/wiremock.ts';

// The exchanges that Snowflake's own connectors are tested with. They are not a part of this repository, so they are run
// where they are at hand; a folder that is named has to be there.
const named = process.env['HOTLINE_SNOWFLAKE_MAPPINGS'];
const root = named ?? '../shared/data/snowflake-mappings';
const there = existsSync(root);
if (!there)
  it(`are not at hand in ${root}`, () => {
    expect(named).toBeUndefined();
  });

const node = 'nodejs/wiremock/mappings/';
const go = 'go/test_data/wiremock/mappings/';

/** What is no exchange of a connection of hotline, and why. */
const elsewhere: readonly (readonly [RegExp, string])[] = [
  [
    /go\/.*\/(wif|minicore|platform_detection|ocsp)\//,
    'metadata services, add-ons and certificates are the driver’s own',
  ],
  [
    /go\/.*\/query\/(query_monitoring|query_execution|query_by_id)/,
    'answers in the form of Arrow, or of a door that the Node.js driver does not ask',
  ],
  [/go\/.*\/query\/long_running/, 'asynchronous execution is not asked for'],
  [/go\/.*\/telemetry\//, 'nothing is sent'],
  [/go\/.*\/(hang|select1)\.json/, 'a part of other exchanges'],
  [
    /go\/.*\/external_browser\/parallel|go\/.*\/mfa\/parallel_login_successful/,
    'the same exchange for several at once: one instance logs in once',
  ],
  [
    /go\/.*\/oauth2\/(authorization_code|refresh_token|client_credentials\/successful)/,
    'the client of Go sends its credentials in a header, that of Node.js in the form',
  ],
  [
    /oauth\/token_cache_and_refresh\//,
    'the cache of the driver is filled by hand; hotline keeps tokens in memory (authenticators.spec.ts)',
  ],
  [/external_browser\//, 'the driver asks for the address of the login page by https alone'],
  [/oauth\/authorization_code\//, 'a state that the driver of today makes up anew each time'],
  [/query_put_with_smkid/, 'the storage of AWS at its fixed address'],
  [/query_request_bind_upload/, 'bulk inserts keep under the size that is staged'],
  [/telemetry_send_ok/, 'nothing is sent'],
];

/** Files that a case below has used. */
const used = new Set<string>();

const failures: Readonly<Record<string, object>> = {
  503: { status: 503 },
  429: { status: 429 },
  'an empty answer': { fault: 'EMPTY_RESPONSE' },
  'a reset': { fault: 'CONNECTION_RESET_BY_PEER' },
  'a malformed chunk': { fault: 'MALFORMED_RESPONSE_CHUNK' },
  'random data': { fault: 'RANDOM_DATA_THEN_CLOSE' },
};

const driver = sandbox();
const files = mkdtempSync(join(tmpdir(), 'hotline-recorded-'));
afterAll(() => {
  rmSync(files, { recursive: true, force: true });
  driver.restore();
});

let mock: WireMock;
let hot: ConnectionRegistry;
beforeEach(async () => {
  mock = await new WireMock().listen();
  // The connectors are tested without a heartbeat; hotline asks an instance for one before it serves.
  mock.add([{ request: { urlPath: '/session/heartbeat' }, response: { jsonBody: { success: true, data: null } } }]);
});
afterEach(async () => {
  await hot?.close({ timeout: 2000 });
  await mock.close();
});

/** Reads a file of mappings, with what stands in its holes. */
function recorded(path: string, holes: Readonly<Record<string, unknown>> = {}): Mapping[] {
  used.add(path);
  let text = readFileSync(join(root, path), 'utf8').replaceAll('%CLIENT_TELEMETRY_ENABLED%', 'false');
  for (const [name, value] of Object.entries({ wiremockUrl: mock.url, ...holes })) {
    const hole = new RegExp(`\\{\\{\\s*${name}\\s*\\}\\}`, 'g');
    text = text.replace(hole, () => (typeof value === 'string' ? value : JSON.stringify(value)));
  }
  const { mappings, ...one } = JSON.parse(text) as Mapping & { mappings?: Mapping[] };
  return mappings ?? [one];
}

const id = '01baf79b-0108-1a60-0000-01110354a6ce';

/** The recorded answers to a statement that runs leave its address out. */
const withResultUrl = (mappings: Mapping[]): Mapping[] =>
  JSON.parse(
    JSON.stringify(mappings).replaceAll(
      `{"queryId":"${id}"}`,
      `{"queryId":"${id}","getResultUrl":"/queries/${id}/result"}`,
    ),
  ) as Mapping[];

async function open(settings: Record<string, unknown> = {}, policies = {}): Promise<SnowflakeConnection> {
  const base = { account: 'MOCK_ACCOUNT_NAME', accessUrl: mock.url, username: 'MOCK_USERNAME', password: 'p' };
  const params = Object.fromEntries(
    Object.entries({ ...base, ...settings }).filter(([, value]) => value !== undefined),
  );
  hot = createConnections({ sources: [inline({})], retry: { attempts: 5, minDelay: 20 }, ...policies });
  return hot.connection('wh', { type: SnowflakeConnection, params });
}

/** A session that opens and closes, with telemetry off. */
const session = (): void => {
  mock.add([...recorded(`${node}login_request_ok.json`), ...recorded(`${node}session_delete_ok.json`)]);
};

const sent = (path: string): number => mock.received.filter((request) => request.includes(path)).length;

if (there)
  describe('the recorded exchanges', () => {
    describe.each(Object.entries(failures))('that fail three times by %s', (_what, failureResponse) => {
      const retries = (name: string, holes = {}): Mapping[] =>
        recorded(`${node}request_retries/${name}.json.template`, { failureResponse, ...holes });

      it('of a login', async () => {
        session();
        mock.add(retries('login_request_fail'));
        await open();
        expect(sent('login-request')).toBe(4);
      });

      it('of a statement, and of its result', async () => {
        session();
        mock.add([...withResultUrl(retries('query_request_fail')), ...retries('query_result_fail')]);
        expect(await (await open()).query('select 1', { retry: false })).toEqual([{ 1: 1 }]);
        expect([sent('query-request'), sent('/result')]).toEqual([4, 4]);
      });

      it('of a result that is polled for', async () => {
        session();
        mock.add([...recorded(`${node}query_returns_get_result_url.json`), ...retries('query_result_fail')]);
        expect(await (await open()).execute('insert into t values (1)')).toMatchObject({ rowCount: 1 });
        expect([sent('query-request'), sent('/result')]).toEqual([1, 4]);
      });

      it('of a part of a result', async () => {
        session();
        mock.add(recorded(`${node}query_returns_chunks.json.template`, { chunkUrl: `${mock.url}/chunks/1` }));
        mock.add(retries('query_chunk_download_fail'));
        expect(await (await open()).query('select 1', { retry: false })).toHaveLength(10);
        expect(sent('/chunks/')).toBe(4);
      });

      it('of a cancel', async () => {
        session();
        mock.add(withResultUrl(retries('cancel_query_byid_fail')));
        const hangs = { request: { urlPath: `/queries/${id}/result` }, response: { fixedDelayMilliseconds: 10_000 } };
        mock.add([hangs]);
        const wh = await open();
        expect(await errorOf(wh.query('select 1', { timeout: 500 }))).toMatchObject({ code: 'timeout' });
        await hot.close({ timeout: 6000 });
        expect(sent('/abort-request')).toBe(4);
      });

      it('of a cancel before the query id is known', async () => {
        session();
        mock.add(withResultUrl(retries('cancel_query_fail')));
        const wh = await open();
        const hangs = {
          priority: 1,
          request: { urlPath: '/queries/v1/query-request' },
          response: { fixedDelayMilliseconds: 10_000 },
        };
        mock.add([hangs]);
        expect(await errorOf(wh.query('select 1', { timeout: 300 }))).toMatchObject({ code: 'timeout' });
        await hot.close({ timeout: 6000 });
        expect(sent('/queries/v1/abort-request')).toBe(4);
      });

      it('of the address of a file that is put', async () => {
        session();
        const name = 'a.csv';
        writeFileSync(join(files, name), 'a');
        mock.add(
          recorded(`${node}query_put_gcs_presigned_ok.json.template`, {
            putFileName: name,
            putFilePath: join(files, name),
          }),
        );
        mock.add(retries('query_request_put_presigned_url_refresh_retry', { putFileName: name }));
        const { rows } = await (await open()).execute(`PUT file://${join(files, name)} @box`);
        expect(rows).toMatchObject([{ status: 'UPLOADED' }]);
        expect(sent('/fake-gcs-upload')).toBe(1);
      });
    });

    it('redirect a statement to what does not answer, three times', async () => {
      session();
      mock.add([
        ...withResultUrl(recorded(`${node}request_retries/query_request_redirect_fail.json`)),
        ...recorded(`${node}request_retries/query_result_fail.json.template`, { failureResponse: failures['503'] }),
      ]);
      expect(await (await open({ timeout: 300 })).query('select 1', { retry: false })).toEqual([{ 1: 1 }]);
    });

    it('put files by a token for the whole folder', async () => {
      session();
      for (const name of ['b1.csv', 'b2.csv']) writeFileSync(join(files, name), name);
      mock.add(recorded(`${node}query_put_gcs_downscoped_ok.json.template`, { putGlob: join(files, 'b*.csv') }));
      const { rows } = await (await open()).execute(`PUT file://${join(files, 'b*.csv')} @box`);
      expect(rows).toHaveLength(2);
    });

    it('refuse a statement', async () => {
      session();
      mock.add(recorded(`${node}query_request_failed_with_qcc.json`));
      expect(await errorOf((await open()).execute('insert into t values (1)'))).toMatchObject({
        code: 'query_failed',
        sqlState: '22000',
        message: expect.stringMatching(
          /A primary key already exists\. \(query id 01c37557-c810-44d1-0000-011109f5513e\)/,
        ),
      });
    });

    it('leave the rows of a result out', async () => {
      session();
      mock.add(recorded(`${node}query_result_missing_rowset.json`));
      const error = await errorOf((await open()).query('select 1', { timeout: 3000, retry: false }));
      expect(error).toMatchObject({ connection: 'wh', code: expect.any(String) });
    });

    it('renew the token of a session', async () => {
      session();
      mock.add(recorded(`${node}session_token_renewal.json`));
      expect(await (await open()).query('select 1', { retry: false })).toEqual([{ 1: 1 }]);
      expect(sent('login-request')).toBe(1);
    });

    const pat = { password: undefined, authenticator: 'programmatic_access_token' };
    const goUser = { username: 'testUser', password: 'testPassword' };
    const oauth = {
      password: undefined,
      authenticator: 'oauth_client_credentials',
      oauthClientId: '123',
      oauthClientSecret: 'clientSecret',
      oauthHttpAllowed: true,
      role: 'ANALYST',
    };

    /** A login, what it comes to, and how many requests it takes. */
    const logins: readonly (readonly [string, Record<string, unknown>, code: string | undefined])[] = [
      [`${node}pat/successful_flow.json`, { ...pat, token: 'MOCK_TOKEN' }, undefined],
      [`${node}pat/invalid_pat_token.json`, { ...pat, token: 'INVALID_TOKEN' }, 'auth_failed'],
      [`${node}oauth/client_credentials/successful_flow.json`, oauth, undefined],
      [`${node}oauth/client_credentials/successful_flow_without_scope.json`, { ...oauth, role: undefined }, undefined],
      [`${node}oauth/client_credentials/token_request_error.json`, oauth, 'auth_failed'],
      [`${node}oauth/client_credentials/token_request_error_no_token.json`, oauth, 'auth_failed'],
      [`${go}auth/password/successful_flow.json`, goUser, undefined],
      [`${go}auth/password/successful_flow_with_telemetry.json`, goUser, undefined],
      [`${go}auth/password/invalid_host.json`, goUser, 'auth_failed'],
      [`${go}auth/password/invalid_password.json`, { ...goUser, password: 'INVALID_PASSWORD' }, 'auth_failed'],
      [`${go}auth/password/invalid_user.json`, { ...goUser, username: 'bogus' }, 'auth_failed'],
      [`${go}auth/mfa/parallel_login_first_fails_then_successful_flow.json`, goUser, 'auth_failed'],
      [`${go}auth/pat/successful_flow.json`, { ...pat, username: 'testUser', token: 'some PAT' }, undefined],
      [`${go}auth/pat/reading_fresh_token.json`, { ...pat, username: 'testUser', token: 'some PAT' }, undefined],
      [`${go}auth/pat/invalid_token.json`, { ...pat, username: 'testUser', token: 'some PAT' }, 'auth_failed'],
      [`${go}auth/oauth2/login_request.json`, { authenticator: 'oauth', token: 'access-token-123' }, undefined],
      [
        `${go}auth/oauth2/login_request_with_expired_access_token.json`,
        { authenticator: 'oauth', token: 'expired-token' },
        'auth_failed',
      ],
      [
        `${go}auth/oauth2/client_credentials/invalid_client.json`,
        { ...oauth, oauthTokenRequestUrl: '/oauth/token' },
        'auth_failed',
      ],
    ];

    it.each(logins)('of a login: %s', async (path, settings, code) => {
      mock.add([
        ...recorded(`${node}session_delete_ok.json`),
        ...recorded(`${go}close_session.json`),
        ...recorded(path),
      ]);
      const url = settings['oauthClientId'] !== undefined && {
        oauthTokenRequestUrl: `${mock.url}${(settings['oauthTokenRequestUrl'] as string | undefined) ?? '/oauth/token-request'}`,
      };
      const opened = open({ ...settings, ...url });
      if (code === undefined) expect((await opened).kind).toBe('SnowflakeConnection');
      else expect(await errorOf(opened)).toMatchObject({ code, connection: 'wh' });
      expect(mock.unmatched).toEqual([]);
      expect(sent('login-request') + sent('/oauth/token')).toBeLessThanOrEqual(2);
    });

    it('of a redirection that is followed by a retry', async () => {
      mock.add([
        ...recorded(`${node}session_delete_ok.json`),
        ...recorded(`${go}retry/redirection_retry_workflow.json`),
      ]);
      const wh = await open({ ...goUser, timeout: 3000 });
      expect(await wh.query('select 1', { retry: false })).toHaveLength(1);
    });

    it('are all run, or are not of hotline for a reason', () => {
      const all = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) =>
        /\.json(\.template)?$/.test(file),
      );
      const left = all.filter((file) => !used.has(file) && !elsewhere.some(([pattern]) => pattern.test(file)));
      expect(left).toEqual([]);
      expect(all.length).toBeGreaterThan(100);
    });
  });
