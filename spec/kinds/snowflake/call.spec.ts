import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Call } from '../../../src/kinds/snowflake/call.ts';
import { deepIt, depth } from '../../support/depth.ts';
import { runInChild } from '../../support/child.ts';
import type { SnowflakeConnection } from '../../../src/index.ts';
import type { SnowflakeServer } from '../../support/snowflake-server/index.ts';
import { errorOf, openSnowflake, sandbox, type SnowflakeWorld } from '../../support/snowflake-world.ts';

const driver = sandbox();
afterAll(() => driver.restore());

/** The package as its users have it; made before all specs. */
const built = pathToFileURL(resolve('dist/index.js')).href;

const query = '/queries/v1/query-request';

/** Milliseconds until a promise is settled. */
async function timeOf(promise: Promise<unknown>): Promise<number> {
  const began = performance.now();
  await promise.catch(() => undefined);
  return performance.now() - began;
}

describe('with a server that fails', () => {
  let world: SnowflakeWorld;
  beforeEach(async () => {
    world = await openSnowflake();
  });
  afterEach(() => world.close());

  if (depth(false, true))
    it('dead, and nobody gave a timeout: it rejects by itself', async () => {
      const wh = await world.wh();
      await wh.query('select 0');
      await world.server.kill();
      const asked = wh.query('select 1', { retry: false });
      asked.catch(() => undefined);
      expect(await timeOf(asked)).toBeLessThan(15_000);
      expect(await errorOf(asked)).toMatchObject({ code: 'connection_lost' });
    });

  it('hanging: the request is stopped, and the session goes on', async () => {
    const wh = await world.wh();
    await wh.query('select 0');
    world.server.inject({ path: query, sql: /hung/, hang: true });
    expect(await errorOf(wh.query('select 1 as hung', { timeout: 200 }))).toMatchObject({ code: 'timeout' });
    await expect(wh.query('select 1 as a')).resolves.toEqual([{ A: 1 }]);
    expect(world.server.counters.logins).toBe(1);
    expect(world.server.log.filter(({ sql }) => sql?.includes('hung'))).toHaveLength(1);
  });

  it('slow: a signal stops the statement on the server', async () => {
    const wh = await world.wh();
    const stop = new AbortController();
    const asked = wh.execute('call system$wait(60)', { signal: stop.signal });
    asked.catch(() => undefined);
    while (world.server.counters.running === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort();
    expect(await errorOf(asked)).toMatchObject({ code: 'cancelled' });
    while (world.server.counters.running > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(world.server.counters.cancels).toBe(1);
  });

  deepIt('sending a part of the result that is no JSON: the driver forgets the call, and we do not', async () => {
    await world.close();
    world = await openSnowflake({ server: { chunkRows: 100 }, settings: { timeout: 300 } });
    const wh = await world.wh();
    world.server.inject({ path: '/chunks/', body: '<<<', times: Infinity });
    const sql = 'select seq4() as n from table(generator(rowcount => 1000))';
    expect(await errorOf(wh.query(sql, { retry: false, timeout: 30_000 }))).toMatchObject({ code: 'connection_lost' });
  });

  it('answering with a shape that cannot be: one error, and the session goes on', async () => {
    const wh = await world.wh();
    for (const edit of [
      (answer: { data: Record<string, unknown> }) => delete answer.data['rowtype'],
      (answer: { data: Record<string, unknown> }) => (answer.data['rowset'] = null),
    ]) {
      world.server.inject({ path: query, sql: /odd/, edit });
      const error = await errorOf(wh.query('select 1 as odd', { retry: false, timeout: 3000 }));
      expect(error).toMatchObject({ connection: 'wh' });
    }
    await expect(wh.query('select 1 as a')).resolves.toEqual([{ A: 1 }]);
  });

  deepIt('gone while the connection opens: openTimeout ends it', async () => {
    await world.close();
    world = await openSnowflake({ policies: { openTimeout: 300 } });
    world.server.inject({ path: 'login-request', hang: true, times: Infinity });
    expect(await errorOf(world.wh())).toMatchObject({ code: 'open_timeout', connection: 'wh' });
  });
});

/** What can be the matter with a server, for every request, until it is over. */
const outages: Record<string, (server: SnowflakeServer) => void | Promise<void>> = {
  dead: (server) => server.kill(),
  hanging: (server) => void server.inject({ hang: true, times: Infinity }),
  'resetting every socket': (server) => void server.inject({ drop: 'before', times: Infinity }),
  'answering 503': (server) => void server.inject({ status: 503, times: Infinity }),
  'answering garbage': (server) => void server.inject({ body: '<html>Bad gateway</html>', times: Infinity }),
  'answering JSON of something else': (server) => void server.inject({ body: { hello: 'you' }, times: Infinity }),
};

const calls: Record<string, (wh: SnowflakeConnection, limits: { timeout: number }) => Promise<unknown>> = {
  query: (wh, limits) => wh.query('select 1', limits),
  execute: (wh, limits) => wh.execute('create table t (a int)', limits),
  cursor: (wh, limits) => wh.cursor('select 1', limits),
  session: (wh, limits) => wh.session((session) => session.query('select 1'), limits),
};

/** One short outage of every second kind, and every kind in the long form. */
const whole = depth(false, true);

describe.each(Object.entries(outages).filter((_, at) => whole || at % 2 === 0))(
  'with a server that is %s',
  (what, begin) => {
    const timeout = depth(300, 700);

    it.each(Object.entries(calls).filter(([name]) => whole || name === 'query' || name === 'session'))(
      '%s rejects within its timeout and 500 ms, and the connection recovers by itself',
      async (_name, call) => {
        const world = await openSnowflake();
        try {
          const wh = await world.wh();
          await wh.query('select 0');
          await begin(world.server);
          const asked = call(wh, { timeout });
          expect(await timeOf(asked)).toBeLessThan(timeout + 500);
          expect(await errorOf(asked)).toMatchObject({ connection: 'wh', code: expect.any(String) });
          world.server.clearFaults();
          if (what === 'dead') await world.server.listen();
          // It may still be about to find out; nobody resets anything.
          await expect(wh.query('select 1 as a', { timeout: 10_000 })).resolves.toEqual([{ A: 1 }]);
        } finally {
          await world.close();
        }
        expect(world.server.counters.running).toBe(0);
      },
    );
  },
);

describe('a call', () => {
  it('that is stopped before it begins does not begin', async () => {
    const work = jest.fn(async () => 1);
    const call = new Call({ signal: AbortSignal.abort(new Error('no')), silence: 1000 });
    await expect(call.during(work)).rejects.toThrow('no');
    expect(work).not.toHaveBeenCalled();
  });

  it('ends its wait when nothing comes from the server for too long', async () => {
    const call = new Call({ signal: undefined, silence: 100 });
    await expect(call.during(() => new Promise(() => undefined))).rejects.toThrow('nothing came from the server');
  });

  it('waits on while something comes', async () => {
    const call = new Call({ signal: undefined, silence: 400 });
    const heard = setInterval(() => call.heard(), 20);
    await expect(call.during(() => new Promise((resolve) => setTimeout(resolve, 900, 'done')))).resolves.toBe('done');
    clearInterval(heard);
  });

  it('is known to everything that is done for it', async () => {
    const call = new Call({ signal: undefined, silence: 1000 });
    const found = await call.during(async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      return Call.current;
    });
    expect(found).toBe(call);
    expect(Call.current).toBeUndefined();
  });
});

describe('a process', () => {
  deepIt('opens no socket, writes no file and loads no driver by an import of hotline', async () => {
    const { code, stdout, stderr } = await runInChild(`
      const net = require('node:net'), dns = require('node:dns'), fs = require('node:fs'), os = require('node:os'), path = require('node:path');
      process.chdir(fs.mkdtempSync(path.join(os.tmpdir(), 'hotline-import-')));
      let sockets = 0;
      const connect = net.Socket.prototype.connect; net.Socket.prototype.connect = function (...all) { sockets++; return connect.apply(this, all); };
      const lookup = dns.lookup; dns.lookup = (...all) => { sockets++; return lookup(...all); };
      await import(${JSON.stringify(built)});
      await new Promise((resolve) => setTimeout(resolve, 300));
      const drivers = Object.keys(require.cache).filter((file) => file.includes('snowflake-sdk')).length;
      console.log(JSON.stringify({ sockets, drivers, files: fs.readdirSync('.') }));
    `);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ sockets: 0, drivers: 0, files: [] });
  });

  deepIt(
    'that loads the driver asks no metadata service, logs nothing, leaves no file, and ends after close()',
    async () => {
      const world = await openSnowflake();
      try {
        const { code, stopped, stdout, stderr } = await runInChild(`
        const net = require('node:net'), dns = require('node:dns'), fs = require('node:fs'), os = require('node:os'), path = require('node:path');
        for (const name of Object.keys(process.env)) if (/^(SNOWFLAKE_|SF_)/.test(name)) delete process.env[name];
        process.env.HOME = fs.mkdtempSync(path.join(os.tmpdir(), 'hotline-home-'));
        process.chdir(fs.mkdtempSync(path.join(os.tmpdir(), 'hotline-import-')));
        const hosts = new Set();
        const connect = net.Socket.prototype.connect;
        net.Socket.prototype.connect = function (...all) { hosts.add(String((all[0][0] ?? all[0]).host)); return connect.apply(this, all); };
        const lookup = dns.lookup; dns.lookup = (host, ...all) => { hosts.add(host); return lookup(host, ...all); };
        const { createConnections, inline } = await import(${JSON.stringify(built)});
        const settings = { type: 'snowflake', account: 'local', accessUrl: '${world.server.accessUrl}', username: 'dev', password: 'dev', client_session_keep_alive: true };
        const hot = createConnections({ sources: [inline({ connections: { wh: settings } })] });
        const wh = await hot.connection('wh');
        const rows = await wh.query('select 1 as a');
        await hot.close();
        console.log(JSON.stringify({ rows, hosts: [...hosts], files: fs.readdirSync('.') }));
      `);
        expect(stderr).toBe('');
        expect(JSON.parse(stdout)).toEqual({ rows: [{ A: 1 }], hosts: ['127.0.0.1'], files: [] });
        expect({ code, stopped }).toEqual({ code: 0, stopped: false });
      } finally {
        await world.close();
      }
    },
  );
});
