import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BehaviorSubject } from 'rxjs';
import { ConfigError, OpenError } from '../../src/errors/index.ts';
import { createConnections, inline, type ConnectionRegistry, type SourceState } from '../../src/index.ts';
import { withSettingsHint, sufficesFor } from '../../src/registry/config-errors.ts';

describe('withSettingsHint', () => {
  const settings = [
    { path: 'host', value: 'db', origin: 'params' },
    { path: 'port', value: 1, origin: 'secrets.toml' },
    { path: 'knex.pool.max', value: 1, origin: 'global.toml' },
  ];
  const say = (error: ConfigError | OpenError): string => withSettingsHint(error, 'pets', settings, []).message;

  describe('an error of an opening', () => {
    it('says where the setting is from that it is about, or a table of settings', () => {
      const about = (setting: string) => new ConfigError('invalid_config', `"pets": ${setting}: no.`, { setting });
      expect(say(about('port'))).toBe('"pets": port: no. It is from secrets.toml.');
      expect(say(about('knex'))).toBe('"pets": knex: no. It is from global.toml.');
      expect(withSettingsHint(about('port'), 'pets', settings, [])).toMatchObject({
        setting: 'port',
        connection: 'pets',
      });
    });

    it('says where all of them are from when it is about none, or about one that is not there', () => {
      const all = 'The settings are from params and secrets.toml and global.toml.';
      expect(say(new ConfigError('invalid_config', 'no'))).toBe(`no. ${all}`);
      expect(say(new ConfigError('invalid_config', 'no.', { setting: 'po' }))).toBe(`no. ${all}`);
      expect(withSettingsHint(new ConfigError('invalid_config', 'no.'), 'pets', [], []).message).toBe('no.');
    });

    it.each([
      ['ECONNREFUSED', 'Nothing listens there'],
      ['ENOTFOUND', 'There is no host'],
      ['ETIMEDOUT', 'The host does not answer'],
    ])('says what to look at: %s', (code, advice) => {
      const cause = Object.assign(new Error('no'), { code });
      const error = new OpenError('open_failed', 'no', { category: 'transient', cause });
      expect(say(error)).toContain(advice);
      expect(withSettingsHint(error, 'pets', settings, [])).toMatchObject({
        name: 'OpenError',
        category: 'transient',
        cause: { code },
      });
    });

    it('is left alone where no setting can be at fault', () => {
      const error = new ConfigError('missing_driver', 'npm install clock');
      expect(withSettingsHint(error, 'pets', settings, [])).toBe(error);
    });
  });
});

describe('a param that makes up for a section', () => {
  it('is any, where the kind marks none', () => {
    expect([sufficesFor(undefined)('x'), sufficesFor({})('x'), sufficesFor({ size: {} })('x')]).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('says where to connect, where the kind marks those that do', () => {
    const suffices = sufficesFor({ url: { locates: true }, pool: {} });
    expect(['url', 'pool', 'uri', 'toString'].map(suffices)).toEqual([true, false, false, false]);
  });
});

describe('local files', () => {
  let folder: string;
  let hot: ConnectionRegistry;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hotline-local-'));
  });
  afterEach(async () => {
    await hot.close();
    await rm(folder, { recursive: true });
  });

  const from = (trust: 'local' | 'remote', pets: Record<string, string | Record<string, string>>) =>
    new BehaviorSubject<SourceState>({ state: 'loaded', trust, secrets: { connections: { pets } } });
  const file = () => `sqlite:///${folder}/pets.db`;

  describe('a file of this machine', () => {
    it.each<[string, () => Record<string, string | Record<string, string>>]>([
      ['url', () => ({ url: file() })],
      ['database', () => ({ dialect: 'sqlite', database: `${folder}/pets.db` })],
      ['filename', () => ({ dialect: 'sqlite', filename: `${folder}/pets.db` })],
      ['url', () => ({ url: 'postgresql://a:secret-word@127.0.0.1:1/pets?sslrootcert=/etc/passwd' })],
      ['query', () => ({ url: 'mysql://a:secret-word@127.0.0.1:1/pets', query: { ssl_ca: '/etc/passwd' } })],
      ['knex', () => ({ url: 'sqlite://', knex: { client: 'better-sqlite3' } })],
    ])('is not opened for the %s of a remote source', async (key, section) => {
      hot = createConnections({ sources: [from('remote', { type: 'sql', ...section() })] });
      const refused: Error = await hot.connection('pets').then(
        () => new Error('opened'),
        (error: Error) => error,
      );
      expect(refused).toMatchObject({ code: 'untrusted_reference', connection: 'pets' });
      expect(refused.message).toContain(`"pets": ${key} names a file of this machine`);
      expect(refused.message).not.toContain('secret-word');
    });

    it('is opened where a local source or the call names it, and remote ones may name what is elsewhere', async () => {
      hot = createConnections({ sources: [from('local', { type: 'sql', url: file() })] });
      await hot.connection('pets');
      await hot.close();
      hot = createConnections({ sources: [from('remote', { type: 'sql', url: 'sqlite:///not-this.db' })] });
      await hot.connection('pets', { url: file() });
      await hot.close();
      hot = createConnections({ sources: [from('remote', { type: 'sql', url: 'sqlite://' })] });
      await hot.connection('pets');
    });

    it('that a remote source names later is one warning, and what worked stays', async () => {
      const source = from('remote', { type: 'sql', url: 'sqlite://' });
      hot = createConnections({ sources: [source, inline({})] });
      const warned: string[] = [];
      hot.events$.subscribe((event) => event.type === 'warning' && warned.push(event.code));
      const pets = (await hot.connection('pets')) as unknown as { query(sql: string): Promise<unknown> };
      source.next({
        state: 'loaded',
        trust: 'remote',
        secrets: { connections: { pets: { type: 'sql', url: file() } } },
      });
      await hot.reload();
      for (let waits = 0; warned.length === 0 && waits < 200; waits++)
        await new Promise((resolve) => setTimeout(resolve, 10));
      expect(warned).toEqual(['untrusted_reference']);
      expect(await pets.query('select 1 as one')).toEqual([{ one: 1 }]);
    });
  });
});
