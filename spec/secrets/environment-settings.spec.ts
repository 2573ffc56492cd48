import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  createConnections,
  environmentVariables,
  inline,
  snowflakeFiles,
  tomlFile,
  type ConnectionRegistry,
} from 'hotline';
import { filter, firstValueFrom, map } from 'rxjs';

let hot: ConnectionRegistry | undefined;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hotline-env-'));
});
afterEach(async () => {
  await hot?.close();
  rmSync(folder, { recursive: true });
});

const variables = (
  settings: Record<string, string>,
  options: Parameters<typeof environmentVariables>[0] = {},
): ReturnType<typeof environmentVariables> =>
  environmentVariables({
    ...options,
    env: Object.fromEntries(
      Object.entries(settings).map(([key, text]) => [`HOTLINE__CONNECTIONS__PETS__${key}`, text]),
    ),
  });

const url = 'sqlite://:memory:';
const over = (settings: Record<string, string>, below: object = {}): ConnectionRegistry =>
  (hot = createConnections({
    sources: [inline({ connections: { pets: { type: 'sql', url, ...below } } }), variables(settings)],
  }));

describe('settings in environment variables', () => {
  it('are read as what they are: AUTOCOMMIT, MAX_ROWS, SSL', async () => {
    const pets = await over({ AUTOCOMMIT: 'false', MAX_ROWS: '2' }).connection('pets', { type: 'sql' });
    await expect(pets.execute('create table t (a)')).rejects.toMatchObject({ message: /`autocommit` is false/ });
    await expect(pets.query('select 1 union select 2 union select 3')).rejects.toMatchObject({ code: 'too_many_rows' });
    await expect(pets.query('select 1 union select 2')).resolves.toHaveLength(2);
  });

  it('go over a file in whatever spelling, and say where they were written', async () => {
    const below = { knex: { searchPath: 'a', pool: { max: 2 } }, max_rows: 7 };
    over({ KNEX__SEARCHPATH: 'b', KNEX__POOL__MAX: '1', MAXROWS: '9', IDLETIMEOUT: '7m' }, below);
    const pets = await hot!.connection('pets', { type: 'sql' });
    await expect(pets.query('select 1')).resolves.toHaveLength(1);
    const origins = Object.fromEntries(pets.describe().settings.map(({ path, origin }) => [path, origin]));
    expect(origins).toMatchObject({
      max_rows: 'env:HOTLINE__CONNECTIONS__PETS__MAXROWS',
      'knex.searchPath': 'env:HOTLINE__CONNECTIONS__PETS__KNEX__SEARCHPATH',
      'knex.pool.max': 'env:HOTLINE__CONNECTIONS__PETS__KNEX__POOL__MAX',
      url: 'inline',
    });
  });

  it('may be policies: a count and a retry are no durations', async () => {
    over({ MAXENTRIES: '5', RETRY: 'false', OPENTIMEOUT: '10s' });
    await expect(hot!.connection('pets')).resolves.toBeDefined();
    await hot!.close();
    over({ RETRY__MINDELAY: '1s', RETRY__ATTEMPTS: '2' });
    await expect(hot!.connection('pets')).resolves.toBeDefined();
    await hot!.close();
    over({ RETRY__MINDALAY: '1s' });
    await expect(hot!.connection('pets')).rejects.toMatchObject({ code: 'invalid_policy', message: /minDelay/ });
  });

  it('of a remote source are not trusted for being spelt in another way', async () => {
    const remote = inline({ connections: { pets: { type: 'sql', FILENAME: '/etc/passwd', dialect: 'sqlite' } } });
    const states$ = Object.assign(remote.pipe(filter(Boolean)), { label: 'remote' });
    const sources = [
      Object.assign(states$.pipe(map((state) => ({ ...state, trust: 'remote' as const }))), { label: 'r' }),
    ];
    hot = createConnections({ sources: sources });
    await expect(hot.connection('pets')).rejects.toMatchObject({ code: 'untrusted_reference' });
  });

  it('are read from TOML and from references by their type, too', async () => {
    const file = join(folder, 'secrets.toml');
    process.env['HOTLINE_SPEC_ROWS'] = '1';
    writeFileSync(file, `[connections.pets]\ntype = "sql"\nurl = "${url}"\nmax_rows = "\${env:HOTLINE_SPEC_ROWS}"\n`);
    hot = createConnections({ sources: [tomlFile(file)] });
    const pets = await hot.connection('pets', { type: 'sql' });
    await expect(pets.query('select 1 union select 2')).rejects.toMatchObject({ code: 'too_many_rows' });
  });

  it('lose the line breaks at their end; with ignoreEmpty the empty ones are not there', async () => {
    const secrets = async (options: object, settings: Record<string, string>): Promise<unknown> => {
      hot = createConnections({
        sources: [inline({ connections: { pets: { password: 'p' } } }), variables(settings, options)],
      });
      const found = (await firstValueFrom(hot.secrets$)).reveal('connections.pets.password');
      await hot.close();
      return found;
    };
    expect(await secrets({}, { PASSWORD: ' x\r\n' })).toBe(' x');
    expect(await secrets({}, { PASSWORD: '' })).toBe('');
    expect(await secrets({ ignoreEmpty: true }, { PASSWORD: '' })).toBe('p');
    expect(await secrets({ ignoreEmpty: true }, { PASSWORD: ' \n' })).toBe('p');
  });

  it('with files, NAME_FILE is the path of a file, which is watched', async () => {
    const file = join(folder, 'pw');
    writeFileSync(file, 'one\n');
    const env = { HOTLINE__CONNECTIONS__PETS__PASSWORD_FILE: file, PGUSER_FILE: file };
    const map = { PGUSER: 'connections.pets.username' };
    hot = createConnections({ sources: [environmentVariables({ env, map, files: true })] });
    const pets$ = hot.secrets$;
    const password = (text: string): Promise<unknown> =>
      firstValueFrom(pets$.pipe(filter((now) => now.get('connections.pets.password') === text)));
    await password('one');
    expect((await firstValueFrom(pets$)).reveal('connections.pets')).toEqual({ password: 'one', username: 'one' });
    writeFileSync(file, 'two\n');
    await password('two');
  });

  it('a ${…} that is no reference is one warning, and stays as it is', async () => {
    const file = join(folder, 'secrets.toml');
    writeFileSync(file, 'a = "${PW}"\nb = "${vault:x}"\nc = "$${PW}"\n', { mode: 0o600 });
    hot = createConnections({ sources: [tomlFile(file)] });
    const warned: string[] = [];
    hot.events$.subscribe((event) => event.type === 'warning' && warned.push(`${event.code} ${event.message}`));
    expect((await firstValueFrom(hot.secrets$)).reveal()).toEqual({ a: '${PW}', b: '${vault:x}', c: '${PW}' });
    expect(warned).toEqual([
      expect.stringMatching(/^stray_reference a in .*: for a variable write \$\{env:NAME\}/),
      expect.stringMatching(/^stray_reference b in .*\$\{file:/),
    ]);
  });

  it('a value that is still encrypted is an error that names the tool', async () => {
    const why = async (secrets: object): Promise<unknown> => {
      hot = createConnections({ sources: [inline(secrets)] });
      const message = await hot.secret('a').catch((error: Error) => error.message);
      await hot.close();
      return message;
    };
    expect(await why({ a: { b: 'ENC[AES256_GCM,data:x,iv:y,tag:z,type:str]' } })).toMatch(
      /a\.b is still encrypted by SOPS/,
    );
    expect(await why({ a: `encrypted:${'Bk'.repeat(40)}==` })).toMatch(/still encrypted by dotenvx/);
    expect(await why({ a: 'encrypted: no' })).toBe('encrypted: no');
  });

  it('SNOWFLAKE_CONNECTIONS_<NAME>_<KEY> goes over the files, and names connections of its own', async () => {
    writeFileSync(join(folder, 'connections.toml'), '[my_dev]\naccount = "a"\npassword = "old"\n', { mode: 0o600 });
    const env = {
      SNOWFLAKE_CONNECTIONS_MY_DEV_PASSWORD: 'new',
      SNOWFLAKE_CONNECTIONS_CI_PRIVATE_KEY_FILE: '/k',
      SNOWFLAKE_CONNECTIONS_CI_ACCOUNT: 'c',
    };
    hot = createConnections({ sources: [snowflakeFiles({ home: folder, env })] });
    const secrets = await firstValueFrom(hot.secrets$);
    expect(secrets.reveal('snowflake.connections')).toEqual({
      my_dev: { account: 'a', password: 'new' },
      ci: { private_key_file: '/k', account: 'c' },
    });
    expect(secrets.origin('snowflake.connections.my_dev.password')).toBe('env:SNOWFLAKE_CONNECTIONS_MY_DEV_PASSWORD');
  });
});
