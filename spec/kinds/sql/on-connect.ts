/* eslint-disable jest/no-export, jest/valid-title -- one suite that several specs run */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createConnections, inline, SqlConnection, type ConnectionRegistry } from '../../../src/index.ts';

interface Place {
  readonly family: 'sqlite' | 'postgresql' | 'mysql';
  settings(): Record<string, unknown>;
}

const told = {
  postgresql: [
    "set time zone 'Asia/Tokyo'; set statement_timeout = '7s'",
    "current_setting('TimeZone') || current_setting('statement_timeout')",
    'Asia/Tokyo7s',
  ],
  mysql: [
    "set time_zone = '+09:00'; set session max_statement_time = 7",
    'concat(@@time_zone, round(@@session.max_statement_time))',
    '+09:007',
  ],
  sqlite: [
    'pragma foreign_keys = on; pragma cache_size = -777',
    '(select foreign_keys from pragma_foreign_keys) || (select cache_size from pragma_cache_size)',
    '1-777',
  ],
} as const;

/** The statements of `on_connect` have run on whatever connection a caller gets. */
export function describeOnConnect(title: string, { family, settings }: Place): void {
  const [set, get, expected] = told[family];

  describe(title, () => {
    let hot: ConnectionRegistry;
    let warned: string[];
    beforeEach(() => {
      hot = createConnections({ sources: [] });
      warned = [];
      hot.events$.subscribe((event) => void (event.type === 'warning' && warned.push(event.message)));
    });
    afterEach(() => hot.close());

    const open = (params: object): Promise<SqlConnection> =>
      hot.connection('pets', { type: SqlConnection, params: { ...settings(), ...params } });
    const seen = async (by: Pick<SqlConnection, 'query'>): Promise<unknown> =>
      (await by.query(`select ${get} as it`))[0]!['it'];

    it('on every connection of the pool, for every way to use it', async () => {
      const pets = await open({ onConnect: set });
      expect(warned).toEqual([]);
      const all = await Promise.all(Array.from({ length: 4 }, () => pets.transaction((tx) => seen(tx))));
      expect(all).toEqual(Array(4).fill(expected));
      expect(await pets.use(async (knex) => (await knex.select(knex.raw(`${get} as it`)))[0].it)).toBe(expected);
      expect(await pets.session((session) => seen(session as never))).toBe(expected);
    });

    it('again on the connection that comes after an idle one was closed, and after a session', async () => {
      const pets = await open({ onConnect: [set], knex: { pool: { min: 0, max: 1, idleTimeoutMillis: 20 } } });
      await new Promise((resolve) => setTimeout(resolve, 120));
      expect(await seen(pets)).toBe(expected);
      await pets.session((session) =>
        session.execute(
          family === 'sqlite'
            ? 'pragma foreign_keys = off'
            : family === 'mysql'
              ? "set time_zone = '+01:00'"
              : "set time zone 'UTC'",
        ),
      );
      expect(await seen(pets)).toBe(expected);
    });

    it('as a list in a file', async () => {
      const filed = createConnections({
        sources: [inline({ connections: { pets: { ...settings(), on_connect: set.split('; ') } } })],
      });
      expect(await seen(await filed.connection('pets', { type: SqlConnection }))).toBe(expected);
      await filed.close();
    });

    it.each<[unknown, RegExp]>([
      [['select 1', 'selekt 2'], /on_connect: the server refuses statement 2 of 2: /],
      ['begin', /on_connect: "begin" begins/],
      [[7], /on_connect: expected a statement/],
      ['', /on_connect: expected a statement/],
    ])('%p is invalid_config', async (on_connect, message) => {
      await expect(open({ on_connect })).rejects.toMatchObject({
        code: 'invalid_config',
        setting: 'on_connect',
        message: expect.stringMatching(message),
      });
    });
  });
}
