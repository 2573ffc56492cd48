import { generateKeyPairSync } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { BehaviorSubject, NEVER, of } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { currentSettings$, type SnowflakeCredentials } from '../../../src/kinds/snowflake/credentials.ts';
import type { FileContent } from '../../../src/secrets/index.ts';
import { deepIt, depth } from '../../support/depth.ts';
import { errorOf, openSnowflake, sandbox, type SnowflakeWorld } from '../../support/snowflake-world.ts';

const driver = sandbox();
afterAll(() => driver.restore());

let world: SnowflakeWorld;
afterEach(() => world?.close());

const keyPair = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });

const loops = depth(4, 16);

/** Loops of queries while something happens; resolves with what failed. */
async function underLoad(happen: (generation: () => number) => Promise<void>): Promise<unknown[]> {
  const wh = await world.wh();
  const failed: unknown[] = [];
  let over = false;
  let asked = 0;
  const loop = async (): Promise<void> => {
    while (!over) {
      asked++;
      await wh.query('select 1 as a', { retry: false }).catch((error: unknown) => failed.push(error));
    }
  };
  let generation = 1;
  const watching = wh.status$.subscribe((status) => (generation = status.generation));
  const interest = wh.query$('select 1').subscribe();
  const running = Array.from({ length: loops }, loop);
  await until(() => asked > 3 * loops);
  await happen(() => generation);
  const before = asked;
  await until(() => asked > before + 3 * loops);
  over = true;
  await Promise.all(running);
  watching.unsubscribe();
  interest.unsubscribe();
  return failed;
}

async function until(true_: () => boolean): Promise<void> {
  while (!true_()) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Every session that was opened is closed, once the registry is. */
async function expectAllClosed(): Promise<void> {
  await world.hot.close();
  const { sessionsOpened, sessionsClosed } = world.server.counters;
  expect(sessionsClosed).toBe(sessionsOpened);
}

describe('under loops of queries', () => {
  deepIt('a token is written into its file anew: none fails, and every session is closed', async () => {
    const file = join(driver.home, 'token');
    await writeFile(file, 'first-token\n');
    world = await openSnowflake({
      server: { users: { app: { tokens: ['first-token', 'second-token'].map((token) => ({ kind: 'pat', token })) } } },
      settings: {
        username: 'app',
        password: undefined,
        authenticator: 'programmatic_access_token',
        token_file_path: file,
      },
    });
    const failed = await underLoad(async (generation) => {
      await writeFile(file, 'second-token\n');
      await until(() => generation() === 2);
    });
    expect(failed).toEqual([]);
    await expectAllClosed();
  });

  deepIt('an Observable gives the next token: none fails, and every session is closed', async () => {
    const credentials = new BehaviorSubject<SnowflakeCredentials>({ token: 'first-token' });
    world = await openSnowflake({
      server: {
        users: { app: { tokens: ['first-token', 'second-token'].map((token) => ({ kind: 'oauth', token })) } },
      },
      settings: { username: 'app', password: undefined, authenticator: 'oauth', credentials },
    });
    const failed = await underLoad(async (generation) => {
      credentials.next({ token: 'second-token' });
      await until(() => generation() === 2);
      // The old token runs out once nobody uses it.
      await until(() => world.server.counters.sessionsClosed === 1);
      world.server.users.expireToken('first-token');
    });
    expect(failed).toEqual([]);
    await expectAllClosed();
  });
});

// These wait for real seconds.
if (depth(false, true))
  describe('under loops of queries, for longer', () => {
    it('a key pair is rotated in its file: none fails, and every session is closed', async () => {
      const [first, second] = [keyPair(), keyPair()];
      const file = join(driver.home, 'rsa_key.p8');
      await writeFile(file, first.privateKey, { mode: 0o600 });
      world = await openSnowflake({
        server: { users: { app: { publicKeys: [first.publicKey, second.publicKey] } } },
        settings: { username: 'app', password: undefined, private_key_file: file },
      });
      const failed = await underLoad(async (generation) => {
        await writeFile(`${file}.new`, second.privateKey, { mode: 0o600 });
        await rename(`${file}.new`, file);
        await until(() => generation() === 2);
        // The old key is taken away once nobody uses it.
        world.server.users.set('app', { publicKeys: [second.publicKey] });
      });
      expect(failed).toEqual([]);
      await expectAllClosed();
      expect(world.server.counters.logins).toBe(2);
    });

    it('tokens run out and are asked for in time: none fails, and every session is closed', async () => {
      let given = 0;
      const credentials = (): SnowflakeCredentials => {
        const token = `token-number-${++given}`;
        const expiresAt = Date.now() + 8000;
        world.server.users.grant('app', { kind: 'oauth', token, expiresAt });
        return { token, expiresAt };
      };
      world = await openSnowflake({
        server: { users: { app: {} } },
        settings: { username: 'app', password: undefined, authenticator: 'oauth', credentials },
      });
      const failed = await underLoad(async () => {
        await until(() => given === 2 && world.server.counters.sessionsClosed === 1);
        // Past the end of the first.
        await new Promise((resolve) => setTimeout(resolve, 2000));
      });
      expect(failed).toEqual([]);
      await expectAllClosed();
      expect(world.server.counters.logins).toBe(given);
    });
  });

describe('credentials', () => {
  it.each<[string, () => unknown, string]>([
    ['seconds, as the exp of a JWT', () => Math.floor(Date.now() / 1000) + 3600, 'Multiply it by 1000'],
    ['a text', () => new Date(Date.now() + 3_600_000).toISOString(), 'got string'],
  ])('that end at %s are refused, and the session is closed', async (_, end, message) => {
    const credentials = (): SnowflakeCredentials => {
      world.server.users.grant('app', { kind: 'oauth', token: 'token-number-1' });
      return { token: 'token-number-1', expiresAt: end() as number };
    };
    world = await openSnowflake({
      server: { users: { app: {} } },
      settings: { username: 'app', password: undefined, authenticator: 'oauth', credentials },
    });
    const error = await errorOf(world.wh());
    expect(error).toMatchObject({ code: 'invalid_config', connection: 'wh' });
    expect(error.message).toContain(message);
    await expectAllClosed();
  });

  it('that the server does not take any more are asked for anew, and a read is sent again', async () => {
    let given = 0;
    const credentials = (): SnowflakeCredentials => {
      const token = `token-number-${++given}`;
      world.server.users.grant('app', { kind: 'oauth', token });
      return { token };
    };
    world = await openSnowflake({
      server: { users: { app: {} } },
      settings: { username: 'app', password: undefined, authenticator: 'oauth', credentials },
    });
    const wh = await world.wh();
    world.server.users.expireToken('token-number-1');
    await expect(wh.query('select 1 as a', { retry: { minDelay: 1 } })).resolves.toEqual([{ A: 1 }]);
    expect(given).toBe(2);
  });

  it('that cannot be had are an error that says so, without a secret in it', async () => {
    world = await openSnowflake({
      settings: { authenticator: 'oauth', credentials: () => Promise.reject(new Error('the vault is sealed')) },
    });
    expect(await errorOf(world.wh())).toMatchObject({
      code: 'open_failed',
      connection: 'wh',
      message: expect.stringContaining('the vault is sealed'),
    });
  });

  it('that the server refuses are not in the error', async () => {
    world = await openSnowflake({
      settings: { authenticator: 'oauth', credentials: () => ({ token: 'very-secret-token' }) },
    });
    world.server.inject({ path: 'login-request', code: '390303', message: 'Invalid token very-secret-token.' });
    const error = await errorOf(world.wh());
    expect(error).toMatchObject({ code: 'auth_failed', category: 'auth' });
    expect(`${error.message} ${String((error['cause'] as Error).message)}`).not.toContain('very-secret');
  });

  it.each([
    ['token_file_path', 'missing', 'there is no file'],
    ['private_key_file', 'missing', 'there is no file'],
  ])('%s that is %s is named', async (setting, path, text) => {
    const file = join(driver.home, path);
    const authenticator = setting === 'token_file_path' ? 'oauth' : 'snowflake_jwt';
    world = await openSnowflake({ settings: { authenticator, password: undefined, [setting]: file } });
    const error = await errorOf(world.wh());
    expect(error).toMatchObject({ code: 'invalid_config', connection: 'wh' });
    expect(error.message).toContain(`${text} ${file}`);
    expect(error.message).toContain(setting);
  });
});

describe('currentSettings$, in virtual time', () => {
  const run = (test: (scheduler: TestScheduler) => void): void => {
    const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
    scheduler.run(() => test(scheduler));
  };
  const noFiles = (): typeof NEVER => NEVER;

  it.each([[10_000], [new Date(5)], [undefined]])('says when they run out, and no driver of it: %s', (expiresAt) => {
    const given = { token: 'a', ...(expiresAt !== undefined && { expiresAt }) };
    const said: unknown[] = [];
    currentSettings$({ credentials: of(given) }, { watchFile: noFiles }, of(given)).subscribe((current) =>
      said.push(current),
    );
    expect(said).toEqual([{ settings: { token: 'a' }, keyFile: undefined, expiresAt, given }]);
  });

  it('keeps what a file said last while it is missing, broken or empty', () =>
    run((scheduler) => {
      const contents = scheduler.createHotObservable<FileContent>('a-b-c-d-e', {
        a: { state: 'loaded', text: 'one\n' },
        b: { state: 'missing' },
        c: { state: 'loaded', text: '  ' },
        d: { state: 'loaded', text: 'one' },
        e: { state: 'loaded', text: 'two' },
      });
      const tokens: unknown[] = [];
      currentSettings$({ tokenFilePath: '/token' }, { watchFile: () => contents }).subscribe(({ settings }) =>
        tokens.push(settings['token']),
      );
      scheduler.flush();
      expect(tokens).toEqual(['one', 'two']);
    }));

  it('refuses what is no set of credentials', async () => {
    world = await openSnowflake({ settings: { authenticator: 'oauth', credentials: of('token') } });
    expect(await errorOf(world.wh())).toMatchObject({
      code: 'invalid_config',
      message: expect.stringContaining('credentials: expected an object'),
    });
  });
});
