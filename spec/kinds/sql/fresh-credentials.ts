/* eslint-disable jest/no-export, jest/valid-title -- one suite that several specs run */
import { inspect } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { BehaviorSubject } from 'rxjs';
import {
  createConnections,
  inline,
  SqlConnection,
  type ConnectionEvent,
  type ConnectionRegistry,
  type CreateConnectionsOptions,
  type Credentials,
  type CredentialsContext,
  type CredentialsOption,
} from '../../../src/index.ts';
import { depth } from '../../support/depth.ts';
import type { Keep } from './refused-checkouts.ts';

/** A server that makes roles as a manager of secrets does. */
export interface RoleKeep extends Omit<Keep, 'pool'> {
  create(role: string, password: string): Promise<void>;
  /** Ends its sessions too. */
  drop(role: string): Promise<void>;
  /** The roles of `create` that are there. */
  roles(): Promise<readonly string[]>;
}

/** Where the password of a SQL connection comes from a provider. */
export function describeFreshCredentials(title: string, start: () => Promise<RoleKeep>): void {
  describe(title, () => {
    let server: RoleKeep;
    let hot: ConnectionRegistry;
    let minted: number;
    let events: ConnectionEvent[];
    beforeAll(async () => {
      server = await start();
    }, 60_000);
    afterAll(() => server?.close());
    beforeEach(async () => {
      minted = 0;
      await server.password('first');
      await server.admin('truncate table kept');
    });
    afterEach(() => hot?.close({ timeout: 0 }));

    const section = (): Record<string, unknown> => ({
      type: 'sql',
      dialect: server.dialect,
      host: '127.0.0.1',
      port: server.port,
      database: server.database,
      knex: { pool: { max: 16 } },
    });
    const open = (over: object = {}, options: CreateConnectionsOptions = {}): void => {
      hot = createConnections({
        sources: [inline({ connections: { pets: { ...section(), username: 'keeper', ...over } } })],
        ...options,
      });
      events = [];
      hot.events$.subscribe((event) => void events.push(event));
    };
    /** A token that the server takes from now on, and none before it. */
    const token = async (): Promise<string> => {
      const password = `token-number-${++minted}`;
      await server.password(password);
      return password;
    };
    const ask = (credentials: CredentialsOption): Promise<SqlConnection> =>
      hot.connection('pets', { type: SqlConnection, credentials });

    it('is asked once for all who connect at a time, says for whom, and keeps it for four fifths of its life', async () => {
      open();
      const asked: CredentialsContext[] = [];
      const pets = await ask(async (context: CredentialsContext) => {
        asked.push(context);
        await sleep(20);
        return { password: await token(), expiresAt: Date.now() + 1500 };
      });
      const many = (): Promise<unknown> => Promise.all(Array.from({ length: 8 }, () => pets.query('select 1 as a')));
      await many();
      expect(asked).toHaveLength(1);
      const { host, port, database, username, connection } = asked[0]!;
      expect({ host, port, database, username, connection }).toEqual({
        host: '127.0.0.1',
        port: server.port,
        database: server.database,
        username: 'keeper',
        connection: 'pets',
      });
      expect(asked[0]!.signal).toBeInstanceOf(AbortSignal);
      await sleep(1300);
      await server.endSessions();
      await sleep(50);
      await many();
      expect(asked).toHaveLength(2);
    });

    it('is asked at each login where nobody says how long it lasts', async () => {
      open();
      const pets = await ask(async () => ({ password: await token() }));
      await pets.query('select 1 as a');
      await server.endSessions();
      await sleep(50);
      await pets.query('select 1 as a');
      expect(minted).toBe(2);
    });

    it('is no part of the identity: a new function at each call opens no second pool', async () => {
      open();
      const handles = await Promise.all(
        Array.from({ length: 5 }, () => ask(async () => ({ password: await token(), expiresAt: Date.now() + 60_000 }))),
      );
      const [named] = await Promise.all([hot.connection('pets', { type: SqlConnection })]);
      await named.query('select 1 as a');
      expect(new Set([...handles, named]).size).toBe(1);
      expect(minted).toBe(1);
      expect(events.filter(({ type }) => type === 'instance.opening' || type === 'warning')).toHaveLength(1);
    });

    it('is chosen by its name in a section, and given as an Observable', async () => {
      const passwords$ = new BehaviorSubject<Credentials>({ username: 'keeper', password: 'first' });
      open({ credentials: 'vault', username: '' }, { credentials: { vault: passwords$ } });
      const pets = await hot.connection('pets', { type: SqlConnection });
      await server.password('second');
      await server.endSessions();
      await sleep(50);
      const reads = Array.from({ length: 4 }, () => pets.query('select 1 as a'));
      const write = pets.execute('insert into kept values (1)');
      await sleep(200);
      passwords$.next({ username: 'keeper', password: 'second' });
      expect(await Promise.all(reads)).toHaveLength(4);
      expect(await write).toMatchObject({ rowCount: 1 });
      expect(events.filter(({ type }) => type === 'instance.opening')).toHaveLength(1);
    });

    it('is asked anew when the server refuses what it gave, or while it fails, and calls wait', async () => {
      open();
      let sealed = false;
      const pets = await ask(async () => {
        if (sealed) throw new Error('the vault is sealed');
        return { password: await token(), expiresAt: Date.now() + 60_000 };
      });
      await server.password('altered by somebody');
      await server.endSessions();
      await sleep(50);
      expect(await pets.execute('insert into kept values (1)')).toMatchObject({ rowCount: 1 });
      expect(minted).toBe(2);
      sealed = true;
      await server.password('altered once more');
      await server.endSessions();
      await sleep(50);
      const write = pets.execute('insert into kept values (2)');
      await sleep(200);
      sealed = false;
      expect(await write).toMatchObject({ rowCount: 1 });
    });

    it('fails a first opening with what it said, and shows no secret', async () => {
      open();
      const failing = ask(() => Promise.reject(new Error('the vault is sealed')));
      await expect(failing).rejects.toMatchObject({
        code: 'open_failed',
        message: expect.stringContaining('credentials could not be had: the vault is sealed'),
      });
      await hot.close();
      open();
      // The server says who it was.
      const refused = ask(() => ({ username: 'role-of-the-vault', password: 'wrong-and-secret' }));
      const error = await refused.catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'auth_failed', connection: 'pets' });
      expect(inspect([error, events], { depth: 9 })).toContain('for user');
      expect(inspect([error, events], { depth: 9 })).not.toMatch(/wrong-and-secret|role-of-the-vault/);
      await hot.close();
      open();
      const pets = await ask(async () => ({ password: await token() }));
      expect(inspect([pets, pets.describe(), hot], { depth: 9 })).not.toContain('token-number');
    });

    it('serves knex, with a connection of its own to cancel by, and transactions', async () => {
      open();
      const pets = await ask(async () => ({ password: await token(), expiresAt: Date.now() + 60_000 }));
      const [row] = await pets.use((knex) => knex.select(knex.raw('1 as a')).timeout(1000, { cancel: true }));
      expect(row).toEqual({ a: 1 });
      expect(await pets.transaction((tx) => tx.query('select 2 as a'))).toEqual([{ a: 2 }]);
    });

    it.each<[string, unknown, string]>([
      ['no provider', 5, 'expected a function'],
      ['an unknown word', { get: () => ({ password: 'x' }), scop: 'login' }, 'Did you mean "scope"?'],
      ['another scope', { get: () => ({ password: 'x' }), scope: 'row' }, "expected 'login' or 'session'"],
      ['a name that nobody has', 'vualt', 'Did you mean "vault"?'],
      ['a token in place of a password', () => ({ token: 'x' }), 'there is no password'],
      ['an end in seconds', () => ({ password: 'x', expiresAt: Date.now() / 1000 + 900 }), 'Multiply it by 1000'],
    ])('is refused: %s', async (_, credentials, message) => {
      open({}, { credentials: { vault: () => ({ password: 'first' }) } });
      await expect(ask(credentials as CredentialsOption)).rejects.toMatchObject({
        code: 'invalid_config',
        message: expect.stringContaining(message),
      });
    });

    const seconds = depth(4, 60);
    /** Sixteen workers for some seconds; resolves with what failed. */
    const work = async (pets: SqlConnection): Promise<unknown[]> => {
      const failed: unknown[] = [];
      const end = performance.now() + seconds * 1000;
      const worker = async (_: unknown, at: number): Promise<void> => {
        while (performance.now() < end) {
          const call = at % 2 ? pets.query('select 1 as a') : pets.execute('insert into kept values (1)');
          await call.catch((error: unknown) => failed.push(error));
          await sleep(5);
        }
      };
      await Promise.all(Array.from({ length: 16 }, worker));
      return failed;
    };

    it(`minted with a life of 2 s: 16 workers, ${seconds} s, 0 failed`, async () => {
      // Connections are short-lived, so that there are many logins.
      open({ knex: { pool: { max: 16, maxConnectionLifetimeMillis: 100 } } });
      const pets = await ask(async () => ({ password: await token(), expiresAt: Date.now() + 2000 }));
      expect(await work(pets)).toEqual([]);
      expect(minted).toBeGreaterThan(1);
      expect(minted).toBeLessThanOrEqual(Math.ceil(seconds / 1.6) + 1);
      expect(events.filter(({ type }) => type === 'instance.opening')).toHaveLength(1);
    }, 90_000);

    it(`of a scope of sessions, over real roles: 16 workers, ${seconds} s, 0 failed, every role dropped`, async () => {
      const dropped: string[] = [];
      open(
        { credentials: 'roles', username: '' },
        {
          drainTimeout: '300ms',
          credentials: {
            roles: {
              scope: 'session',
              async get({ signal }: CredentialsContext) {
                signal.throwIfAborted();
                const username = `made_${process.pid}_${++minted}`;
                await server.create(username, `password-${minted}`);
                const lease = { username, password: `password-${minted}`, expiresAt: Date.now() + 2000, id: minted };
                return lease;
              },
              async revoke({ username, id }: { username: string; id: number }) {
                dropped.push(`${username}:${id}`);
                await server.drop(username);
              },
            },
          },
        },
      );
      const pets = await hot.connection('pets', { type: SqlConnection });
      expect(await work(pets)).toEqual([]);
      await hot.close();
      expect(minted).toBeGreaterThan(1);
      expect(minted).toBeLessThanOrEqual(Math.ceil(seconds / 1.6) + 1);
      expect(dropped).toHaveLength(minted);
      expect(await server.roles()).toEqual([]);
    }, 90_000);
  });
}
