import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createConnections, inline, SnowflakeConnection, type ConnectionRegistry } from '../../../src/index.ts';
import { runInChild } from '../../support/child.ts';
import { SnowflakeServer } from '../../support/snowflake-server/index.ts';
import { errorOf, sandbox } from '../../support/snowflake-world.ts';

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
  it('works as it did, over the file of SnowSQL, and warns once of what to write', async () => {
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

  it('has safe sessions: one at a time', async () => {
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
