import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Observable, Subject } from 'rxjs';
import {
  BaseConnection,
  environmentVariables,
  inline,
  secretsDirectory,
  snowflakeFiles,
  type Source,
  SourceError,
  tomlFile,
} from '../src/index.ts';
import { startPostgres, type Postgres } from './support/postgres.ts';
import { startQuotingMysql } from './support/quoting-mysql.ts';
import { SnowflakeServer } from './support/snowflake-server/index.ts';
import { sandbox } from './support/snowflake-world.ts';
import { queries, witnessed } from './support/planted.ts';
import { Plants, Witness } from './support/witness.ts';
import { deepIt } from './support/depth.ts';

const driver = sandbox();
const plants = new Plants();
const plant = plants.grow.bind(plants);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hotline-planted-'));
});
afterAll(async () => {
  driver.restore();
  await rm(folder, { recursive: true });
});

class Safe extends BaseConnection<object> {
  protected connect(config: Readonly<Record<string, unknown>>): object {
    if (config['broken']) throw new Error(`cannot reach ${JSON.stringify(config)} with ${String(config['token'])}`);
    return { config };
  }
}

describe('secrets that are in use', () => {
  it('none is in what prints, of any shape, from any source', async () => {
    const file = join(folder, 'secrets.toml');
    const key = plant((mark) => `-----BEGIN KEY-----\n${mark}+abc/def==\nsecond${mark}\n-----END KEY-----\n`);
    await writeFile(
      file,
      [
        `top = "${plant()}"`,
        `key = """\n${key}"""`,
        `list = ["${plant()}", ["${plant()}"], { deep = "${plant()}" }]`,
        `sentence = 'it "${plant()}" \\ said'`,
        `reference = "\${file:${join(folder, 'referenced')}}"`,
        `usual = "\${env:NOT_SET_ANYWHERE:-${plant()}}"`,
        `[connections.safe]`,
        `url = "postgresql://u:${plant((mark) => `p@ss:${mark}/x`)}@localhost:1/db"`,
        `encoded = "postgresql://u:${plant((mark) => `${mark}%40%2F`)}@localhost:1/db"`,
        `token = "${plant()}"`,
        `list = ["${plant()}", { deep = ["${plant()}"] }]`,
        `[connections.safe.knex.connection]`,
        `password = "${plant()}"`,
        `ssl = { key = """${plant((mark) => `one line\n${mark}\nthe last`)}""" }`,
        `[env.staging.connections.safe]`,
        `extra = "${plant()}"`,
        `[env.production.connections.safe]`,
        `extra = "${plant()}"`,
      ].join('\n'),
    );
    await writeFile(join(folder, 'referenced'), plant());
    const mount = join(folder, 'mount/connections/safe');
    await mkdir(mount, { recursive: true });
    await writeFile(join(mount, 'mounted'), plant());
    await writeFile(join(mount, 'more.json'), JSON.stringify({ inside: [plant()] }));
    const vault: Source = new Observable((subscriber) => {
      subscriber.next({ state: 'loaded', secrets: { connections: { safe: { remote: plant() } } } });
    });
    const sources = [
      tomlFile(file),
      secretsDirectory(join(folder, 'mount')),
      environmentVariables({ env: { HOTLINE__CONNECTIONS__SAFE__VARIABLE: plant() } }),
      inline({ connections: { safe: { written: plant() }, broken: { broken: true, token: plant() } } }),
      vault,
    ];
    const shown = await witnessed({ sources, environment: 'staging' }, async (hot, witness) => {
      const params = { param: plant(), list: [plant()], nested: { of: { params: plant() } } };
      const safe = await hot.connection('safe', { type: Safe, params });
      witness.see(safe.describe());
      await safe.use(() => undefined);
      await witness.connection(hot, 'broken', { type: Safe, params: { late: plant() } });
      await witness.failing(() => safe.use(() => Promise.reject(new Error('of the user'))));
      await hot.reload();
    });
    expect(shown).toEqual([]);
  });

  deepIt(
    'none is in what the command line says',
    async () => {
      const home = join(folder, 'home');
      await mkdir(join(home, '.streamlit'), { recursive: true });
      await writeFile(
        join(home, '.streamlit/secrets.toml'),
        [
          `[connections.file]\ntype = "sql"\nurl = "sqlite:///:memory:"\npasword = "${plant()}"`,
          `[connections.dead]\ntype = "sql"\nurl = "postgresql://u:${plant((mark) => `%40${mark}`)}@127.0.0.1:1/db"`,
          `[connections.odd]\ntype = "sql"\nurl = "${plant((mark) => `:${mark}`)}"`,
          `[connections.frost]\ntype = "snowflake"\naccount = "local"\npassword = "${plant()}"\nauthenticator = "wrong"`,
          `[connections.list]\ntype = "sql"\ndialect = ["${plant()}"]`,
        ].join('\n'),
        { mode: 0o600 },
      );
      const witness = new Witness();
      const commands = [
        ...['list', 'describe file', 'describe dead', 'describe odd', 'describe frost', 'check', 'doctor', 'types'],
        ...['query file select?', 'query dead select?', 'describe nothing', 'check nothing'],
      ];
      for (const command of commands)
        for (const json of [[], ['--json']]) witness.see(await commandLine(home, [...command.split(' '), ...json]));
      expect(witness.text).toContain('could not be opened');
      expect(witness.end()).toEqual([]);
    },
    120_000,
  );
});

function commandLine(home: string, args: readonly string[]): Promise<string> {
  const options = { cwd: home, env: { ...process.env, HOME: home, NO_COLOR: '1' }, timeout: 30_000 };
  return new Promise((done) => {
    execFile(process.execPath, [resolve('dist/cli/main.js'), ...args], options, (_, stdout, stderr) =>
      done(stdout + stderr),
    );
  });
}

describe('sources that fail', () => {
  const broken: Record<string, (mark: string) => string> = {
    'a string without its end': (mark) => `password = "${mark}\nother = 1`,
    'a value without quotes': (mark) => `password = ${mark}`,
    'a key with a bad character': (mark) => `pass"word" = "${mark}"`,
    'a key twice': (mark) => `password = "${mark}"\npassword = "${mark}"`,
    'an escape that is none': (mark) => `password = "${mark}\\q"`,
    'a table over a value': (mark) => `a = "${mark}"\n[a.b]\nc = "${mark}"`,
    'text that is not TOML': (mark) => mark,
    'a reference to nothing': (mark) => `password = "${mark}\${env:NOT_SET_ANYWHERE}"`,
    'a reference to no file': (mark) => `password = "${mark}\${file:/nowhere/at/all}"`,
  };

  it.each(Object.entries(broken))('%s: not what the file says', async (_, text) => {
    const file = join(folder, 'broken.toml');
    await writeFile(file, plant(text));
    const shown = await witnessed({ sources: [tomlFile(file)] }, async (hot, witness) => {
      await witness.connection(hot, 'pets', { type: Safe });
      expect(witness.text).toMatch(/source_invalid|missing_reference/);
    });
    expect(shown).toEqual([]);
  });

  it('a broken JSON file, and bytes that are not UTF-8', async () => {
    const mount = join(folder, 'bad-mount');
    await mkdir(mount);
    await writeFile(join(mount, 'a.json'), `{"password": "${plant()}" oops}`);
    const latin = join(folder, 'latin.toml');
    await writeFile(latin, Buffer.from(`password = "${plant()}\u00e9"`, 'latin1'));
    const sources = [secretsDirectory(mount), tomlFile(latin)];
    const shown = await witnessed({ sources }, (hot, witness) => witness.connection(hot, 'pets', { type: Safe }));
    expect(shown).toEqual([]);
  });

  it('a source of somebody that throws what it holds', async () => {
    const secrets = { connections: { pets: { token: plant(), lines: plant((mark) => `a\n${mark} of two lines`) } } };
    const said$ = new Subject<never>();
    const source: Source = new Observable((subscriber) => {
      subscriber.next({ state: 'loaded', secrets });
      return said$.subscribe(subscriber);
    });
    const shown = await witnessed({ sources: [source] }, async (hot, witness) => {
      await hot.connection('pets', { type: Safe });
      said$.error(Object.assign(new Error(`refused: ${JSON.stringify(secrets)}`), { secrets }));
      await new Promise((done) => setTimeout(done, 20));
      expect(witness.text).toContain('source.failed');
    });
    expect(shown).toEqual([]);
  });

  it('a source of somebody that says why, with a password in a URL that nobody knew', async () => {
    const source: Source = new Observable((subscriber) => {
      const error = new SourceError('source_unreadable', `https://u:${plant()}@vault.example.org is not there.`);
      subscriber.next({ state: 'failed', error });
    });
    const shown = await witnessed({ sources: [source] }, (hot, witness) =>
      witness.connection(hot, 'pets', { type: Safe }),
    );
    expect(shown).toEqual([]);
  });

  it('values that no source can hold, and arguments that nobody can take', async () => {
    const oddities = {
      connections: { pets: { token: plant(), odd: Object.assign(() => plant(), { more: plant() }) } },
    };
    const shown = await witnessed({ sources: [inline(oddities)] }, async (hot, witness) => {
      await witness.connection(hot, 'pets', { type: Safe });
      await witness.failing(() => hot.connection('pets', { type: Safe, ttl: plant() as never }));
      await witness.failing(() => hot.connection('pets', { type: Safe, params: plant() as never }));
      await witness.failing(() => hot.connection('pets', { type: Safe, retry: { attempts: plant() as never } }));
    });
    expect(shown).toEqual([]);
  });
});

/** A secret of a connection that is also written in statements. */
const known = plant();

describe('servers that fail', () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  }, 60_000);
  afterAll(() => postgres.close());

  it('PostgreSQL', async () => {
    const password = plant((mark) => `${mark}@/: %'`);
    await postgres.sql(`create role planted login password '${password.replaceAll("'", "''")}'`);
    await postgres.sql('create table public.pet (name text primary key, age int); grant all on public.pet to public');
    const url = (of: { user?: string; password?: string; database?: string }) => postgres.url(of);
    const sections = {
      good: { url: url({ user: 'planted', password }), knex: { pool: { max: 2 } }, known },
      wrong: { url: url({ user: 'planted', password: plant((mark) => `${mark} %@`) }) },
      nobody: { url: url({ user: 'nobody', password: plant() }) },
      dead: { url: `postgresql://u:${plant((mark) => `p@${mark}`)}@127.0.0.1:1/db` },
      unparsable: { url: plant((mark) => `postgresql://u:${mark}@[oops/db`) },
      nested: { dialect: 'postgresql', host: '127.0.0.1', port: 1, knex: { connection: { password: plant() } } },
      option: { url: url({ user: 'planted', password }), query: { options: `-c search_path=${plant()} -c bad` } },
      certificate: { url: url({ user: 'planted', password }), ssl: { key: plant(), cert: plant() } },
    };
    const shown = await witnessed({ sources: [inline({ connections: sections })], types: {} }, async (hot, witness) => {
      for (const name of Object.keys(sections).slice(1)) await witness.connection(hot, name, { type: 'sql' });
      const good = await hot.connection('good', { type: 'sql' });
      await good.use((knex) => witness.see(String(knex)));
      await queries(
        good,
        witness,
        known,
        [
          'select cast(? as int) as a',
          'select cast(? as date) as a',
          'select cast(? as json) as a',
          "select cast('KNOWN' as int) as a",
          'select "KNOWN" as a',
          'insert into pet select cast(? as text), 1 from generate_series(1, 2)',
          'syntax "KNOWN"',
        ],
        plants,
      );
    });
    expect(shown).toEqual([]);
  }, 60_000);

  deepIt(
    'MySQL: a server that quotes whatever it is told',
    async () => {
      const { port, close } = await startQuotingMysql();
      const sections = {
        good: { url: `mysql://good:${plant()}@127.0.0.1:${port}/db`, known },
        wrong: { url: `mysql://wrong:${plant((mark) => `${mark}%40`)}@127.0.0.1:${port}/db` },
        dead: { url: `mysql://u:${plant((mark) => `p@:${mark}`)}@127.0.0.1:1/db` },
        nested: {
          dialect: 'mysql',
          host: '127.0.0.1',
          port,
          knex: { connection: { user: plant(), password: plant() } },
        },
      };
      const shown = await witnessed({ sources: [inline({ connections: sections })] }, async (hot, witness) => {
        for (const name of ['wrong', 'dead', 'nested']) await witness.connection(hot, name, { type: 'sql' });
        const good = await hot.connection('good', { type: 'sql' });
        await queries(good, witness, known, ['?', 'select ? oops', 'select "KNOWN" oops'], plants);
      });
      await close();
      expect(shown).toEqual([]);
    },
    60_000,
  );

  it.each(['libsql', 'better-sqlite3'])('SQLite by %s', async (which) => {
    const sections = {
      good: { dialect: 'sqlite', driver: which, filename: ':memory:', known },
      missing: { url: `sqlite:////nowhere/at/all.db?key=${plant()}`, driver: which },
      remote: { url: `libsql://127.0.0.1:1?authToken=${plant()}` },
    };
    const installed = await import(which).then(
      () => true,
      () => false,
    );
    const shown = await witnessed({ sources: [inline({ connections: sections })] }, async (hot, witness) => {
      await witness.connection(hot, 'missing', { type: 'sql' });
      await witness.connection(hot, 'remote', { type: 'sql' });
      if (!installed) return witness.connection(hot, 'good', { type: 'sql' });
      const good = await hot.connection('good', { type: 'sql' });
      await queries(
        good,
        witness,
        known,
        ['select "KNOWN" from', 'select json_extract(?, 1)', "select json('KNOWN')"],
        plants,
      );
    });
    expect(shown).toEqual([]);
  });

  it('Snowflake', async () => {
    const password = plant((mark) => `${mark}&=%`);
    const server = await new SnowflakeServer({ users: { dev: { password } } }).listen();
    const at = { account: 'local', accessUrl: server.accessUrl };
    const pem = (mark: string): string =>
      `-----BEGIN PRIVATE KEY-----\n${Buffer.from(mark).toString('base64')}${mark}\n-----END PRIVATE KEY-----\n`;
    await writeFile(
      join(driver.home, 'connections.toml'),
      `[native]\naccount = "local"\naccess_url = "${server.accessUrl}"\nuser = "dev"\npassword = "${plant()}"\n`,
      { mode: 0o600 },
    );
    const sections = {
      good: { ...at, username: 'dev', password, known },
      wrong: { ...at, username: plant(), password: plant() },
      key: { ...at, username: 'dev', authenticator: 'SNOWFLAKE_JWT', private_key: plant(pem) },
      keyPass: { ...at, username: 'dev', private_key: plant(pem), private_key_pass: plant() },
      keyFile: { ...at, username: 'dev', private_key_path: '/nowhere/key.p8', private_key_pass: plant() },
      token: { ...at, authenticator: 'oauth', token: plant() },
      pat: { ...at, username: 'dev', authenticator: 'programmatic_access_token', token: plant() },
      client: { ...at, authenticator: 'oauth_client_credentials', oauth_client_id: 'id', oauth_client_secret: plant() },
      dead: { account: 'local', accessUrl: 'http://127.0.0.1:1', username: 'dev', password: plant() },
    };
    const sources = [snowflakeFiles({ home: driver.home, optional: true }), inline({ connections: sections })];
    const shown = await witnessed({ sources, openTimeout: '3s' }, async (hot, witness) => {
      for (const name of ['native', ...Object.keys(sections).slice(1)])
        await witness.connection(hot, name, { type: 'snowflake' });
      const good = await hot.connection('good', { type: 'snowflake' });
      await queries(
        good,
        witness,
        known,
        ['select cast(? as int) as a', "select cast('KNOWN' as int) as a", 'oops "KNOWN"'],
        plants,
      );
    });
    await server.close();
    expect(shown).toEqual([]);
  }, 90_000);
});

it('fifty secrets and more were planted', () => {
  expect(plants.count).toBeGreaterThanOrEqual(50);
});
