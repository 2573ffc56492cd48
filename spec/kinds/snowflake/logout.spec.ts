import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadDriver, type LoadedDriver } from '../../../src/kinds/snowflake/driver.ts';
import { sessionOptions } from '../../../src/kinds/snowflake/driver-options.ts';
import { Session } from '../../../src/kinds/snowflake/session.ts';
import { SnowflakeServer } from '../../support/snowflake-server/index.ts';
import { deepIt } from '../../support/depth.ts';
import { sandbox } from '../../support/snowflake-world.ts';

const sandboxed = sandbox();
afterAll(() => sandboxed.restore());

let server: SnowflakeServer;
let driver: LoadedDriver;
let session: Session;
beforeEach(async () => {
  server = await new SnowflakeServer().listen();
  driver = await loadDriver();
  const settings = { account: 'local', accessUrl: server.accessUrl, username: 'dev', password: 'dev' };
  session = await Session.open(sessionOptions(settings), driver, new AbortController().signal);
  server.clearLog();
});
afterEach(() => server.close());

const asked = (): string[] => server.log.map(({ path }) => path);

describe('a logout', () => {
  it('is one request', async () => {
    await session.close();
    expect(asked()).toEqual(['/session']);
    expect(server.counters.sessionsOpen).toBe(0);
  });

  it('with a token that has expired renews it: otherwise the session would stay on the server', async () => {
    server.expireSessions();
    await session.close();
    expect(server.counters).toMatchObject({ renewals: 1, sessionsOpen: 0, logins: 1 });
    expect(session.connection.isUp()).toBe(false);
  });

  it('is sent again while the server is away for two seconds', async () => {
    const away = server.inject({ path: '', status: 503, times: Infinity });
    setTimeout(() => away.remove(), 2000);
    await session.close();
    expect(server.counters.sessionsOpen).toBe(0);
  });

  it('ends when nothing can be renewed: what is left is for the server to forget', async () => {
    server.expireSessions({ master: true });
    await session.close();
    expect(server.counters).toMatchObject({ renewals: 0, sessionsOpen: 1 });
  });

  deepIt('ends when the renewal is not answered', async () => {
    server.expireSessions();
    server.inject({ path: 'token-request', drop: 'before', times: Infinity });
    await session.close();
    expect(asked().length).toBeLessThan(20);
  });

  it('ends when it is stopped', async () => {
    server.inject({ path: '/session', hang: true });
    await session.close(AbortSignal.timeout(50));
  });
});
