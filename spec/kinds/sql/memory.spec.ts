import { afterEach, describe, expect, it } from '@jest/globals';
import { BehaviorSubject, firstValueFrom } from 'rxjs';
import {
  createConnections,
  inline,
  SqlConnection,
  type ConnectionRegistry,
  type SecretTree,
} from '../../../src/index.ts';
import { sameMemory } from '../../../src/kinds/sql/knex-config.ts';

describe('sameMemory', () => {
  it.each([
    [{ url: 'sqlite://' }, { url: 'sqlite://', knex: { debug: true } }, true],
    [{ dialect: 'sqlite', database: ':memory:' }, { dialect: 'sqlite', database: ':memory:', autocommit: false }, true],
    [{ url: 'sqlite://' }, { url: 'sqlite:///:memory:' }, false],
    [{ url: 'sqlite://' }, { url: 'sqlite:///x.db' }, false],
    [{ url: 'sqlite:///x.db' }, { url: 'sqlite:///x.db', knex: {} }, false],
    [{ url: 'sqlite://' }, { url: 'garbage' }, false],
    [{ url: 'sqlite://' }, { url: 'sqlite://', port: 'x' }, false],
  ])('%j and %j: %s', (before, after, expected) => {
    expect(sameMemory(before, after)).toBe(expected);
  });
});

describe('a database in memory', () => {
  let hot: ConnectionRegistry;
  afterEach(() => hot.close());

  it('is replaced by another url only', async () => {
    const section = (pets: SecretTree): SecretTree => ({ connections: { pets: { type: 'sql', ...pets } } });
    const secrets$ = new BehaviorSubject(section({ url: 'sqlite://' }));
    hot = createConnections({ sources: [inline(secrets$)] });
    const pets = await hot.connection('pets', { type: SqlConnection });
    await pets.execute('create table pet (name text)');
    const tables = async () => (await pets.query("select name from sqlite_master where type = 'table'")).length;
    for (const more of [{ password: 'x' }, { knex: { acquireConnectionTimeout: 5000 } }]) {
      secrets$.next(section({ url: 'sqlite://', ...more }));
      await hot.reload();
      await new Promise((resolve) => setTimeout(resolve, 150));
      expect(await tables()).toBe(1);
      expect(await firstValueFrom(pets.status$)).toMatchObject({ state: 'ready', generation: 1 });
    }
    secrets$.next(section({ url: 'sqlite:///:memory:' }));
    await hot.reload();
    for (let waits = 0; (await tables()) === 1 && waits < 200; waits += 1)
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await tables()).toBe(0);
  });
});
