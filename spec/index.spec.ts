import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeProject, type Project } from './support/project.ts';
import { depth } from './support/depth.ts';

const memory = `
  import { createConnections, SqlConnection } from 'hotline';
  import { memorySource } from 'hotline/testing';
  const source = memorySource({ connections: { sql: { url: 'sqlite://:memory:' } } });
  const hot = createConnections({ sources: [source] });`;

describe('the built package, in a process of its own', () => {
  let project: Project;
  beforeAll(async () => {
    project = await makeProject();
  });
  afterAll(() => project.remove());

  it('loads neither knex nor a driver when it is imported; a SQL connection does', async () => {
    const seen = await project.ask(`
      import { Session } from 'node:inspector/promises';
      const session = new Session();
      session.connect();
      const urls = new Set();
      session.on('Debugger.scriptParsed', ({ params }) => urls.add(params.url));
      await session.post('Debugger.enable');
      const heavy = () =>
        ['knex', 'snowflake-sdk', 'libsql', 'pg', 'mysql2'].filter((name) => [...urls].some((url) => url.includes('/node_modules/' + name + '/')));
      const hotline = await import('hotline');
      await import('hotline/testing');
      const before = heavy();
      const ours = [...urls].some((url) => url.includes('/hotline/dist/index.js'));
      const hot = hotline.createConnections({ sources: [hotline.inline({})] });
      await hot.connection('sql', { url: 'sqlite://:memory:' });
      await hot.close();
      session.disconnect();
      console.log(JSON.stringify([ours, before, heavy()]));`);
    expect(seen).toEqual([true, [], ['knex', 'libsql']]);
  });

  it.each([
    ['import', `for (const door of doors) await import(door);`],
    ['require', `doors.forEach((door) => createRequire(import.meta.url)(door));`],
  ])(
    'by %s, the doors that need no framework load these packages, and none of the command line',
    async (_how, load) => {
      const loaded = await project.ask(`
      import { createRequire } from 'node:module';
      const doors = ['', '/devtools', '/health', '/mysql2', '/nats', '/pg', '/testing'].map((door) => 'hotline' + door);
      ${load}
      const cache = Object.keys(createRequire(import.meta.url).cache);
      const names = cache.map((file) => /.*[\\\\/]node_modules[\\\\/]([^\\\\/]+)/.exec(file)?.[1]);
      console.log(JSON.stringify([...new Set(names)].sort()));`);
      expect(loaded).toEqual(['dequal', 'fastest-levenshtein', 'hotline', 'lru-cache', 'ms', 'rxjs']);
    },
  );

  it('has these packages in its own file, because they have no CommonJS form', async () => {
    const built = await readFile('dist/index.js', 'utf8');
    const inside = built.matchAll(/^ *\/\/ .*node_modules\/((?:@[^/]+\/)?[^/]+)/gm);
    expect([...new Set([...inside].map(([, name]) => name))].sort()).toEqual([
      'chokidar',
      'import-meta-resolve',
      'readdirp',
      'smol-toml',
    ]);
  });

  it('works by require as well', async () => {
    await project.write(
      'common.cjs',
      `const { createConnections, inline } = require('hotline');
       const hot = createConnections({ sources: [inline({ connections: { sql: { url: 'sqlite://:memory:' } } })] });
       hot.connection('sql').then((sql) => sql.query('select 7 as n')).then((rows) => hot.close().then(() => console.log(JSON.stringify(rows))));`,
    );
    expect(await project.ask(`import './common.cjs';`)).toEqual([{ n: 7 }]);
  });

  it('leaves nothing behind after close(), files and watchers included', async () => {
    await project.write(
      '.streamlit/secrets.toml',
      '[connections.sql]\nurl = "sqlite://:memory:"\nttl = "1h"\nidle_timeout = "1h"',
    );
    const { code, stopped, stdout } = await project.run(`
      import { connection, connection$, defaultConnections } from 'hotline';
      void [process.stdin, process.stdout, process.stderr];
      const before = process.getActiveResourcesInfo();
      connection$('sql').subscribe();
      const sql = await connection('sql');
      await sql.query('select 1');
      await defaultConnections().close();
      // A look at a file that was under way may end.
      await new Promise((done) => setTimeout(done, 200));
      const after = process.getActiveResourcesInfo();
      for (const name of before) after.splice(after.indexOf(name) >>> 0, 1);
      console.log(JSON.stringify(after));`);
    expect([code, stopped, JSON.parse(stdout)]).toEqual([0, false, []]);
  });

  it('an open, cached, idle SQLite connection with ttl and idleTimeout does not hold the process', async () => {
    const ended = await project.run(`${memory}
      const sql = await hot.connection('sql', { ttl: '1h', idleTimeout: '1h' });
      hot.connection$('sql').subscribe();
      console.log(await sql.query('select 1 as one', { ttl: '1h' }));`);
    expect(ended).toMatchObject({ code: 0, stopped: false, stdout: expect.stringContaining('one: 1') });
  });

  it('nor does one over watched files', async () => {
    await project.write('.streamlit/secrets.toml', '[connections.sql]\nurl = "sqlite://:memory:"');
    const ended = await project.run(`
      import { connection } from 'hotline';
      console.log(await (await connection('sql')).query('select 1 as one'));`);
    expect(ended).toMatchObject({ code: 0, stopped: false, stdout: expect.stringContaining('one: 1') });
  });

  const waits: [string, string, string][] = [
    [
      'on connection$',
      `setTimeout(memory.hang(), 300).unref();`,
      `firstValueFrom(hot.connection$('pets', { type: memory.Kind, x: 1 }))`,
    ],
    [
      'in back-off',
      `memory.failNext(undefined, 2);`,
      `hot.connection('pets', { type: memory.Kind, x: 1, retry: { minDelay: 150, jitter: 'none' } })`,
    ],
    [
      'for a kind that hangs',
      `setTimeout(memory.hang(), 300).unref();`,
      `hot.connection('pets', { type: memory.Kind, x: 1 })`,
    ],
    [
      'for a source that has said nothing yet',
      `setTimeout(() => said.next({ state: 'loaded', trust: 'local', secrets: {} }), 300).unref();`,
      `late.connection('pets', { type: memory.Kind, x: 1 })`,
    ],
    [
      'for a type that is in a source',
      `setTimeout(() => said.next({ state: 'loaded', trust: 'local', secrets: { connections: { sql: { url: 'sqlite://:memory:' } } } }), 300).unref();`,
      `late.connection('sql')`,
    ],
  ];
  it.each(depth(waits.slice(0, 1), waits))('somebody who waits %s does hold it', async (_what, before, wait) => {
    const ended = await project.run(`${memory}
      import { firstValueFrom, Subject } from 'rxjs';
      import { memoryKind } from 'hotline/testing';
      const memory = memoryKind();
      const said = new Subject();
      const late = createConnections({ sources: [said] });
      ${before}
      ${wait}.then((handle) => console.log('got', handle.kind));`);
    expect(ended).toMatchObject({ code: 0, stopped: false, stdout: expect.stringMatching(/^got /) });
  });

  it('close() is waited for, though nothing else holds the process', async () => {
    const ended = await project.run(`${memory}
      const sql = await hot.connection('sql');
      let finish;
      void sql.use(() => new Promise((done) => (finish = done)));
      setTimeout(() => finish(), 300).unref();
      hot.close().then(() => console.log('closed'));`);
    expect(ended).toMatchObject({ code: 0, stdout: 'closed\n' });
  });
});

describe('a driver that is not installed', () => {
  let project: Project;
  beforeAll(async () => {
    project = await makeProject({ without: ['knex'] });
  });
  afterAll(() => project.remove());

  it('is one error that says what to install (2.E 81)', async () => {
    const told = await project.ask(`${memory}
      const error = await hot.connection('sql').catch((thrown) => thrown);
      console.log(JSON.stringify([error.code, error.connection, error.message, error.retryable]));
      await hot.close();`);
    expect(told).toEqual(['missing_driver', 'sql', expect.stringMatching(/npm install knex/), false]);
  });
});
