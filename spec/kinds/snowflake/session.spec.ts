import { afterAll, afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { sessionOptions } from '../../../src/kinds/snowflake/driver-options.ts';
import { loadDriver, type LoadedDriver } from '../../../src/kinds/snowflake/driver.ts';
import { postponed } from '../../../src/kinds/snowflake/call.ts';
import { Session } from '../../../src/kinds/snowflake/session.ts';
import { SnowflakeServer } from '../../support/snowflake-server/index.ts';
import { errorOf, sandbox } from '../../support/snowflake-world.ts';
import { deepIt } from '../../support/depth.ts';

const sandboxed = sandbox();
afterAll(() => sandboxed.restore());

const never = new AbortController().signal;

let server: SnowflakeServer;
let driver: LoadedDriver;
beforeEach(async () => {
  server = await new SnowflakeServer({ chunkRows: 100 }).listen();
  driver = await loadDriver();
});
afterEach(() => server.close());

function open(settings: object = {}, signal = never): Promise<Session> {
  const all = { account: 'local', accessUrl: server.accessUrl, username: 'dev', password: 'dev', ...settings };
  return Session.open(sessionOptions(all), driver, signal);
}

describe('a session', () => {
  it('runs statements side by side', async () => {
    const session = await open();
    const all = Array.from({ length: 20 }, (_, n) => session.run({ sql: 'select ? as n', params: [n] }, {}));
    expect((await Promise.all(all)).map(({ rows }) => rows[0]!['N'])).toEqual(Array.from({ length: 20 }, (_, n) => n));
    await session.close();
    expect(server.counters).toMatchObject({ logins: 1, sessionsOpen: 0 });
  });

  it('rejects when the login fails, and leaves none behind', async () => {
    expect(await errorOf(open({ password: 'wrong' }))).toMatchObject({ code: '390100' });
    expect(server.counters.sessionsOpened).toBe(0);
    while (server.counters.sockets > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('leaves no socket when it is closed', async () => {
    const [good, renewed, forgotten] = [await open(), await open(), await open()];
    await good.close();
    server.expireSessions();
    await renewed.close();
    await server.forgetSessions();
    await errorOf(forgotten.check(never));
    await forgotten.close();
    while (server.counters.sockets > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('whose parameters are refused is closed again', async () => {
    server.inject({ sql: /alter session/, code: '001003', sqlState: '42000', message: 'invalid parameter' });
    expect(await errorOf(open({ sessionParameters: { NONSENSE: 1 } }))).toMatchObject({ message: 'invalid parameter' });
    while (server.counters.sessionsOpen > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  deepIt('that is stopped while it logs in sends nothing more', async () => {
    server.inject({ path: 'login-request', hang: true });
    const stop = new AbortController();
    const opening = open({}, stop.signal);
    opening.catch(() => undefined);
    while (server.counters.requests === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort(new Error('no more'));
    expect(await errorOf(opening)).toMatchObject({ message: 'no more' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(server.counters.requests).toBe(1);
  });

  it('that is in by the time it is stopped is logged out, before the opening rejects', async () => {
    server.inject({ path: 'login-request', delayMs: 100 });
    const stop = new AbortController();
    const opening = open({}, stop.signal);
    opening.catch(() => undefined);
    while (server.counters.requests === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort(new Error('no more'));
    expect(await errorOf(opening)).toMatchObject({ message: 'no more' });
    expect(server.counters).toMatchObject({ sessionsOpened: 1, sessionsOpen: 0 });
  });

  it('says when it is gone', async () => {
    const session = await open();
    await session.check(never);
    await server.forgetSessions();
    expect(await errorOf(session.check(never))).toMatchObject({ code: 407002 });
  });

  it('is closed, also when it is gone or the server is', async () => {
    const [gone, dead] = [await open(), await open()];
    await server.forgetSessions();
    await gone.close();
    await gone.close();
    await server.kill();
    await dead.close();
  });

  it('stops a statement on the server when its signal fires', async () => {
    const session = await open();
    const stop = new AbortController();
    const running = session.run({ sql: 'call system$wait(60)' }, { signal: stop.signal });
    running.catch(() => undefined);
    while (server.counters.running === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort(new Error('no more'));
    expect(await errorOf(running)).toMatchObject({ message: 'no more' });
    expect(server.counters).toMatchObject({ running: 0, cancels: 1 });
    await session.close();
  });

  it('ends a read that is pending when its result is closed', async () => {
    const session = await open();
    server.inject({ path: '/chunks/', hang: true, times: Infinity });
    const result = await session.openCursor({ sql: 'select seq4() from table(generator(rowcount => 1000))' }, never);
    expect(await result.read(100)).toHaveLength(100);
    const pending = result.read(100);
    pending.catch(() => undefined);
    await result.close();
    await Promise.allSettled([pending]);
    await session.close();
  });
});

describe('a signal that is postponed', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('fires later than the signal, for the same reason', () => {
    const stop = new AbortController();
    const { signal } = postponed(stop.signal, 100);
    stop.abort(new Error('no more'));
    jest.advanceTimersByTime(99);
    expect(signal.aborted).toBe(false);
    jest.advanceTimersByTime(1);
    expect(signal.reason).toMatchObject({ message: 'no more' });
  });

  it('does not fire, and leaves no timer, once it has ended', () => {
    const [before, after] = [new AbortController(), new AbortController()];
    const [first, second] = [postponed(before.signal, 100), postponed(after.signal, 100)];
    first.end();
    before.abort();
    after.abort();
    second.end();
    expect(jest.getTimerCount()).toBe(0);
    expect(first.signal.aborted || second.signal.aborted).toBe(false);
  });
});
