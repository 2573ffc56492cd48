import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { watchOver } from '../../../src/kinds/snowflake/call.ts';
import { runInChild } from '../../support/child.ts';
import { openSnowflake, sandbox, type SnowflakeWorld } from '../../support/snowflake-world.ts';

const driver = sandbox();
afterAll(() => driver.restore());

/** The package as its users have it; made before all specs. */
const built = pathToFileURL(resolve('dist/index.js')).href;

/** A call, and how it was stopped. */
function watched(): { heard: jest.Mock<() => void>; stop(reason: unknown): void; stopped: Promise<unknown> } {
  let stop!: (reason: unknown) => void;
  const stopped = new Promise((resolve) => (stop = resolve));
  return { heard: jest.fn<() => void>(), stop, stopped };
}

const turns = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('a call that is watched over', () => {
  it.each([
    ['says no', () => Promise.resolve(false)],
    ['fails', () => Promise.reject(new Error('gone'))],
    ['says nothing', () => new Promise<boolean>(() => undefined)],
  ])('is stopped when the server twice %s', async (_what, answer) => {
    const call = watched();
    const alive = jest.fn(answer);
    watchOver(call, alive, 10);
    expect(await call.stopped).toMatchObject({ code: 'ABANDONED' });
    expect(alive).toHaveBeenCalledTimes(2);
  });

  it('goes on while the server answers, and after it once did not', async () => {
    const call = watched();
    const answers = [true, false, true, false, true, false, false];
    const alive = jest.fn(async () => answers.shift()!);
    watchOver(call, alive, 5);
    await call.stopped;
    expect(alive).toHaveBeenCalledTimes(7);
    expect(call.heard).toHaveBeenCalledTimes(3);
  });

  it('is watched no longer than it lasts', async () => {
    const call = watched();
    const alive = jest.fn(async () => false);
    watchOver(call, alive, 5)();
    await turns(30);
    expect(alive).not.toHaveBeenCalled();
  });
});

/** A program in which the inside of the driver has moved; what it prints. */
async function withoutInside(world: SnowflakeWorld, program: string): Promise<Record<string, unknown>> {
  const { stdout, stderr } = await runInChild(
    `
    const Module = require('node:module');
    const find = Module._resolveFilename;
    Module._resolveFilename = function (request, ...all) {
      if (request === 'snowflake-sdk/dist/lib/http/axios_instance') throw new Error('it has moved');
      return find.call(this, request, ...all);
    };
    const reached = [];
    for (const event of ['uncaughtExceptionMonitor', 'unhandledRejection']) process.on(event, (error) => reached.push(String(error)));
    const { createConnections, inline } = await import(${JSON.stringify(built)});
    const settings = { type: 'snowflake', account: 'local', accessUrl: '${world.server.accessUrl}', username: 'dev', password: 'dev' };
    const hot = createConnections({ sources: [inline({ connections: { wh: settings } })], retry: { attempts: 1 } });
    const wh = await hot.connection('wh');
    const print = (told) => console.log(JSON.stringify({ ...told, reached }));
    const told = (error) => ({ code: error.code, retryable: error.retryable });
    ${program}
    process.exit(0);
  `,
    50_000,
  );
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Record<string, unknown>;
}

describe('where the requests of the driver cannot be reached', () => {
  it('a server that dies under a query is noticed within seconds, and the connection recovers', async () => {
    const world = await openSnowflake();
    try {
      const printed = withoutInside(
        world,
        `const began = performance.now();
         const lost = await wh.execute('call system$wait(60)').then(() => ({}), told);
         const seconds = (performance.now() - began) / 1000;
         let rows;
         for (let i = 0; !rows && i < 100; i++) {
           rows = await wh.query('select 1 as a').catch(() => undefined);
           await new Promise((resolve) => setTimeout(resolve, 50));
         }
         print({ lost, soon: seconds < 8, rows });`,
      );
      while (world.server.counters.running === 0) await turns(5);
      await world.server.kill();
      await turns(4000);
      await world.server.listen();
      expect(await printed).toEqual({
        lost: { code: 'connection_lost', retryable: true },
        soon: true,
        rows: [{ A: 1 }],
        reached: [],
      });
    } finally {
      await world.close();
    }
  });

  it('a statement that takes its time is left alone, and a timeout is still one', async () => {
    const world = await openSnowflake();
    try {
      expect(
        await withoutInside(
          world,
          `const slow = await wh.execute('call system$wait(4)');
           const began = performance.now();
           const late = await wh.execute('call system$wait(60)', { timeout: 300 }).then(() => ({}), told);
           print({ slow: slow.rowCount, late, soon: performance.now() - began < 800 });`,
        ),
      ).toMatchObject({ late: { code: 'timeout' }, soon: true, reached: [] });
      expect(world.server.counters.logins).toBe(1);
      expect(world.server.counters.heartbeats).toBeGreaterThan(2);
    } finally {
      await world.close();
    }
  });
});
