import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createConnections, inline, SnowflakeConnection, type ConnectionRegistry } from '../../../src/index.ts';
import { snowsqlSettings } from '../../../src/kinds/snowflake/snowpark-connection.ts';
import { runInChild } from '../../support/child.ts';
import { SnowflakeServer } from '../../support/snowflake-server/index.ts';
import { errorOf, sandbox } from '../../support/snowflake-world.ts';
import { deepIt } from '../../support/depth.ts';

const driver = sandbox();
afterAll(() => driver.restore());

let server: SnowflakeServer;
let home: string;
let hot: ConnectionRegistry;
const before = process.env['HOME'];

beforeEach(async () => {
  server = await new SnowflakeServer().listen();
  home = await mkdtemp(join(tmpdir(), 'hotline-snowpark-'));
  await mkdir(join(home, '.snowsql'));
  process.env['HOME'] = home;
});
afterEach(async () => {
  process.env['HOME'] = before;
  await hot.close();
  await server.close();
  await rm(home, { recursive: true });
});

function open(section: object): Promise<SnowflakeConnection> {
  hot = createConnections({ sources: [inline({ connections: { old: { type: 'snowpark', ...section } } })] });
  return hot.connection('old') as unknown as Promise<SnowflakeConnection>;
}

describe('type "snowpark"', () => {
  deepIt('works as it did, over the file of SnowSQL, and warns once of what to write', async () => {
    await writeFile(
      join(home, '.snowsql', 'config'),
      '[connections]\naccountname = local\nusername = dev\npassword = dev\n',
    );
    hot = createConnections({ sources: [] });
    const { code, stdout, stderr } = await runInChild(`
      const { createConnections, inline } = await import(${JSON.stringify(pathToFileURL(resolve('dist/index.js')).href)});
      const section = { type: 'snowpark', access_url: '${server.accessUrl}' };
      const hot = createConnections({ sources: [inline({ connections: { old: section } })] });
      const old = await hot.connection('old');
      const rows = [await old.query('select 1 as a')];
      await old.reset();
      rows.push(await old.query('select 1 as a'));
      console.log(JSON.stringify(rows));
      await hot.close();
    `);
    expect(JSON.parse(stdout)).toEqual([[{ A: 1 }], [{ A: 1 }]]);
    expect(code).toBe(0);
    expect(stderr.match(/DeprecationWarning/g)).toHaveLength(1);
    for (const name of ['"snowflake"', '`query`', '`session(fn)`', '`safeSession(fn)`']) expect(stderr).toContain(name);
  });

  it('2.J 170: no account: it is named', async () => {
    expect(await errorOf(open({ user: 'u', password: 'p' }))).toMatchObject({
      code: 'invalid_config',
      connection: 'old',
      message: expect.stringContaining('account'),
    });
  });

  it('2.J 170: nothing at all: missing config', async () => {
    hot = createConnections({ sources: [inline({})] });
    expect(await errorOf(hot.connection('snowpark' as never))).toMatchObject({
      code: expect.stringMatching(/^missing_(config|secrets)$/),
    });
  });

  deepIt('has safe sessions: one at a time', async () => {
    const old = await open({ account: 'local', access_url: server.accessUrl, user: 'dev', password: 'dev' });
    let inside = 0;
    let most = 0;
    const enter = (fail: boolean): Promise<void> =>
      old.safeSession(async (session) => {
        most = Math.max(most, ++inside);
        await session.query('select 1');
        inside--;
        if (fail) throw new Error('no');
      });
    await Promise.allSettled([enter(false), enter(true), enter(false)]);
    expect([most, inside]).toEqual([1, 0]);
    expect(server.counters.logins).toBe(4);
  });
});

describe('the file of SnowSQL', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'hotline-snowsql-'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  async function read(text: string, name = 'dev'): Promise<unknown> {
    const file = join(directory, 'config');
    await writeFile(file, text);
    return snowsqlSettings(name, file);
  }

  const general = '[connections]\naccountname = general\n';

  describe('2.J', () => {
    it('171: the section of the name, and nothing of the general one', async () => {
      const text = `${general}[connections.dev]\naccountname = "acc"\nusername = u\ndbname = d\nschemaname = s\nwarehousename: w\nROLENAME = r # whose\n`;
      expect(await read(text)).toEqual({
        account: 'acc',
        user: 'u',
        database: 'd',
        schema: 's',
        warehouse: 'w',
        role: 'r',
      });
    });

    it('171: without it the general one', async () => {
      expect(await read(general)).toEqual({ account: 'general' });
      expect(await read(`[options]\nx = 1\n${general}`)).toEqual({ account: 'general' });
    });

    it('171: without a file or a section nothing', async () => {
      expect(await read('[options]\nx = 1')).toBeUndefined();
      expect(snowsqlSettings('dev', join(directory, 'missing'))).toBeUndefined();
    });
  });

  describe('the file of SnowSQL', () => {
    it('may hold a password of any characters', async () => {
      expect(await read('[connections]\npassword = "a;b#c=d"\n; comment\n# comment\n')).toEqual({
        password: 'a;b#c=d',
      });
    });

    it('that cannot be read is an error', () => {
      expect(() => snowsqlSettings('dev', directory)).toThrow(expect.objectContaining({ code: 'invalid_config' }));
    });
  });
});
