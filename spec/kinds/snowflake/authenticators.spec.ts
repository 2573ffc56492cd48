import { connect } from 'node:net';
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { authenticatorOf } from '../../../src/kinds/snowflake/authenticators.ts';
import { SnowflakeServer, type SnowflakeUser } from '../../support/snowflake-server/index.ts';
import { errorOf, openSnowflake, sandbox, type SnowflakeWorld } from '../../support/snowflake-world.ts';

const driver = sandbox();
afterAll(() => driver.restore());

const account = { account: 'a', username: 'u' };

describe('authenticatorOf', () => {
  it.each([
    [{ password: 'p' }, 'SNOWFLAKE'],
    [{ privateKey: 'k' }, 'SNOWFLAKE_JWT'],
    [{ privateKeyPath: '/k' }, 'SNOWFLAKE_JWT'],
    [{ privateKey: 'k', password: 'p' }, 'SNOWFLAKE'],
    [{ authenticator: 'oauth', token: 't' }, 'OAUTH'],
    [{ authenticator: ' Snowflake_JWT ', privateKey: 'k' }, 'SNOWFLAKE_JWT'],
    [{ authenticator: 'https://Mine.okta.com', password: 'p' }, 'https://Mine.okta.com'],
    [{ authenticator: 'externalbrowser' }, 'EXTERNALBROWSER'],
  ])('%j is %s', (options, expected) => {
    expect(authenticatorOf({ ...account, ...options })).toBe(expected);
  });

  it.each(['snowflak', 'oauth2', 'ldap', 'ID_TOKEN', 'constructor', ''])(
    'refuses "%s", for which the driver would quietly take the password',
    (authenticator) => {
      expect(() => authenticatorOf({ ...account, password: 'p', authenticator })).toThrow(/there is no "/);
    },
  );

  it('says what is near', () => {
    expect(() => authenticatorOf({ ...account, authenticator: 'snowflake_jwd' })).toThrow(
      'Did you mean "snowflake_jwt"?',
    );
  });

  it('names all that is missing', () => {
    expect(() => authenticatorOf({})).toThrow(
      'missing username, password, account: the authenticator snowflake needs them.',
    );
    expect(() => authenticatorOf({ ...account, authenticator: 'snowflake_jwt' })).toThrow(
      'missing private_key or private_key_path: the authenticator snowflake_jwt needs it.',
    );
    expect(() => authenticatorOf({ ...account, authenticator: 'oauth_client_credentials' })).toThrow(
      'missing oauth_client_id, oauth_client_secret',
    );
  });
});

describe('a login', () => {
  let world: SnowflakeWorld;
  afterEach(() => world.close());

  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' }) as string;
  const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  const encrypted = pair.privateKey.export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'open sesame',
  }) as string;

  const ways: [way: string, user: SnowflakeUser, settings: Record<string, unknown>][] = [
    ['a password', { password: 'p' }, { password: 'p' }],
    ['the name that Snowflake gives the user', { password: 'p' }, { username: undefined, user: 'app', password: 'p' }],
    ['a key pair, in text', { publicKeys: [publicKey] }, { private_key: pem }],
    [
      'a key pair, in text that is encrypted',
      { publicKeys: [publicKey] },
      { authenticator: 'SNOWFLAKE_JWT', private_key: encrypted, private_key_file_pwd: 'open sesame' },
    ],
    [
      'a key pair, with the line breaks of an environment variable',
      { publicKeys: [publicKey] },
      { privateKey: pem.replaceAll('\n', '\\n') },
    ],
    ['a token of OAuth', { tokens: [{ kind: 'oauth', token: 't' }] }, { authenticator: 'oauth', token: 't' }],
    [
      'a programmatic access token',
      { tokens: [{ kind: 'pat', token: 't' }] },
      { authenticator: 'programmatic_access_token', token: 't' },
    ],
    [
      'a one-time code',
      { password: 'p', passcode: '123456' },
      { authenticator: 'username_password_mfa', password: 'p', passcode: '123456' },
    ],
    [
      'OAuth client credentials',
      { client: { id: 'client', secret: 'client secret' } },
      {
        authenticator: 'oauth_client_credentials',
        oauth_client_id: 'client',
        oauth_client_secret: 'client secret',
        oauth_http_allowed: true,
        oauth_token_request_url: '/oauth/token-request',
        oauth_scope: 'session:role:PUBLIC',
      },
    ],
  ];

  it.each(ways)('by %s', async (_way, user, settings) => {
    const server = await new SnowflakeServer({ users: { app: user } }).listen();
    const path = settings['oauth_token_request_url'];
    const url = typeof path === 'string' && { oauth_token_request_url: `${server.accessUrl}${path}` };
    const given = { username: 'app', password: undefined, accessUrl: server.accessUrl, ...settings, ...url };
    world = await openSnowflake({ settings: given });
    await expect((await world.wh()).query('select 1 as a')).resolves.toEqual([{ A: 1 }]);
    await world.hot.close();
    await server.close();
  });

  it('by OAuth client credentials that are wrong is refused once, in the words of the token service', async () => {
    const server = await new SnowflakeServer({
      users: { app: { client: { id: 'client', secret: 'right' } } },
    }).listen();
    const settings = {
      username: 'app',
      password: undefined,
      accessUrl: server.accessUrl,
      authenticator: 'oauth_client_credentials',
      oauth_client_id: 'client',
      oauth_client_secret: 'wrong-wrong-wrong',
      oauth_http_allowed: true,
      oauth_token_request_url: `${server.accessUrl}/oauth/token-request`,
      oauth_scope: 'x',
    };
    world = await openSnowflake({ settings });
    const error = await errorOf(world.wh());
    expect(error).toMatchObject({ code: 'auth_failed', category: 'auth', connection: 'wh' });
    expect(error.message).toContain('invalid_client: The client secret supplied for a confidential client is invalid.');
    expect(error.message).not.toContain('wrong-wrong-wrong');
    expect(server.counters.requests).toBe(1);
    await world.hot.close();
    await server.close();
  });

  it('by a passcode is done once: its token opens transactions and sessions', async () => {
    const server = await new SnowflakeServer({ users: { app: { password: 'p', passcode: '123456' } } }).listen();
    world = await openSnowflake({
      settings: {
        username: 'app',
        password: 'p',
        accessUrl: server.accessUrl,
        authenticator: 'username_password_mfa',
        passcode: '123456',
      },
    });
    const wh = await world.wh();
    expect(await wh.transaction((tx) => tx.query('select 1 as a'))).toEqual([{ A: 1 }]);
    expect(await wh.session((session) => session.query('select 2 as a'))).toEqual([{ A: 2 }]);
    await wh.reset();
    expect(await wh.query('select 3 as a')).toEqual([{ A: 3 }]);
    expect(server.counters.logins).toBe(4);
    await world.hot.close();
    await server.close();
  });

  it('without the passcode that the account wants is refused once', async () => {
    const server = await new SnowflakeServer({ users: { app: { password: 'p', passcode: '123456' } } }).listen();
    world = await openSnowflake({ settings: { username: 'app', password: 'p', accessUrl: server.accessUrl } });
    const error = await errorOf(world.wh());
    expect(error).toMatchObject({ code: 'auth_failed', message: expect.stringContaining('TOTP passcode') });
    expect(server.counters.logins).toBe(1);
    await world.hot.close();
    await server.close();
  });

  describe('by a browser', () => {
    /** A browser in which somebody logs in, or does not. */
    async function openedBy(logsIn: boolean): Promise<{ server: SnowflakeServer; windows: () => number }> {
      const tokens = [{ kind: 'saml' as const, token: 'saml-response' }];
      const server = await new SnowflakeServer({ users: { app: { tokens } } }).listen();
      let windows = 0;
      const openExternalBrowserCallback = (address: string): void => {
        windows++;
        const port = new URL(address).searchParams.get('browser_mode_redirect_port');
        const token = logsIn ? 'saml-response' : 'nonsense';
        connect(Number(port), 'localhost').resume().end(`GET /?token=${token} HTTP/1.1\r\n\r\n`);
      };
      world = await openSnowflake({
        settings: {
          username: 'app',
          password: undefined,
          accessUrl: server.accessUrl,
          authenticator: 'externalbrowser',
          disableConsoleLogin: false,
          openExternalBrowserCallback,
        },
      });
      return { server, windows: () => windows };
    }

    it('opens it once: its token opens transactions, sessions and the next instance', async () => {
      const { server, windows } = await openedBy(true);
      const wh = await world.wh();
      expect(await wh.transaction((tx) => tx.query('select 1 as a'))).toEqual([{ A: 1 }]);
      await wh.session((session) => session.query('select 2 as a'));
      await wh.reset();
      expect(await wh.query('select 3 as a')).toEqual([{ A: 3 }]);
      expect([windows(), server.counters.logins]).toEqual([1, 4]);
      await world.hot.close();
      await server.close();
    });

    it('opens it once when the login is refused', async () => {
      const { server, windows } = await openedBy(false);
      expect(await errorOf(world.wh())).toMatchObject({ code: 'auth_failed' });
      expect(windows()).toBe(1);
      await world.hot.close();
      await server.close();
    });
  });

  it('with a wrong password is refused once, without the password in the error', async () => {
    world = await openSnowflake({ settings: { password: 'hunter2-hunter2' } });
    const error = await errorOf(world.wh());
    expect(error).toMatchObject({ code: 'auth_failed', category: 'auth', connection: 'wh' });
    expect(JSON.stringify(error) + error.message).not.toContain('hunter2');
    expect(world.server.log.filter(({ path }) => path.includes('login'))).toHaveLength(1);
  });

  it('with an unknown authenticator sends nothing', async () => {
    world = await openSnowflake({ settings: { authenticator: 'ldap' } });
    expect(await errorOf(world.wh())).toMatchObject({ code: 'invalid_config', connection: 'wh' });
    expect(world.server.counters.requests).toBe(0);
  });

  it('with a wrong account, at a server that is not there, says so', async () => {
    world = await openSnowflake({ settings: { accessUrl: 'http://127.0.0.1:1' } });
    expect(await errorOf(world.wh())).toMatchObject({ code: 'open_failed', category: 'transient', connection: 'wh' });
  });

  it('with settings that the driver refuses says which', async () => {
    world = await openSnowflake({ settings: { rowMode: 'x', fetch_as_string: ['Nonsense'] } });
    const error = await errorOf(world.wh());
    expect(error).toMatchObject({ code: 'invalid_config', connection: 'wh' });
    expect(error.message).toContain('Nonsense');
  });
});
