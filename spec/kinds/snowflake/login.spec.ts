import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BehaviorSubject } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { Login } from '../../../src/kinds/snowflake/login.ts';
import { FakeLeases } from '../../support/fake-leases.ts';
import { SnowflakeServer } from '../../support/snowflake-server/index.ts';
import { errorOf, sandbox } from '../../support/snowflake-world.ts';
import { deepIt } from '../../support/depth.ts';

const driver = sandbox();
afterAll(() => driver.restore());

const never = new AbortController().signal;

/** A port that counts how often a renewal is asked for. */
class CountingLeases extends FakeLeases<object> {
  renewals = 0;

  override renew(): void {
    this.renewals++;
  }
}

let server: SnowflakeServer;
let scheduler: TestScheduler;
let leases: CountingLeases;
let login: Login;
beforeEach(async () => {
  const tokens = ['one', 'two', 'three'].map((token) => ({ kind: 'oauth' as const, token }));
  server = await new SnowflakeServer({ users: { app: { tokens } } }).listen();
  scheduler = new TestScheduler(() => true);
  leases = new CountingLeases(() => ({}), { scheduler });
  login = new Login(leases);
});
afterEach(() => server.close());

const settings = (credentials: unknown): Record<string, unknown> => {
  return { account: 'local', accessUrl: server.accessUrl, authenticator: 'oauth', credentials };
};

describe('a login for an instance', () => {
  deepIt('asks for a renewal when its credentials change, again and again until it is retired', async () => {
    const credentials = new BehaviorSubject({ token: 'one' });
    const session = await login.open(settings(credentials), never);
    credentials.next({ token: 'two' });
    scheduler.maxFrames = 2500;
    scheduler.flush();
    expect(leases.renewals).toBe(3);
    login.forget(session);
    scheduler.maxFrames = 10_000;
    scheduler.flush();
    expect(leases.renewals).toBe(3);
    expect(credentials.observed).toBe(false);
    await session.close();
  });

  it('gives the next one what an Observable said last', async () => {
    const credentials = new BehaviorSubject({ token: 'one' });
    const first = await login.open(settings(credentials), never);
    credentials.next({ token: 'two' });
    server.users.expireToken('one');
    const second = await login.open(settings(credentials), never);
    for (const session of [first, second]) login.forget(session);
    expect(server.counters.logins).toBe(2);
    await Promise.all([first.close(), second.close()]);
  });

  it('knows when its credentials run out', async () => {
    const session = await login.open(
      settings(() => ({ token: 'one', expiresAt: 7 })),
      never,
    );
    expect(login.expiresAt(session)).toBe(7);
    login.forget(session);
    await session.close();
  });

  it('that fails asks for nothing later', async () => {
    const credentials = new BehaviorSubject({ token: 'wrong' });
    expect(await errorOf(login.open(settings(credentials), never))).toMatchObject({
      code: 'auth_failed',
      connection: 'pets',
    });
    expect(credentials.observed).toBe(false);
  });

  it('that is stopped while it waits for credentials says why', async () => {
    const forever = (): Promise<never> => new Promise(() => undefined);
    expect(await errorOf(login.open(settings(forever), AbortSignal.abort(new Error('no more'))))).toMatchObject({
      message: 'no more',
    });
  });
});

describe('a login for somebody alone', () => {
  it('takes the credentials of the moment, and is not renewed', async () => {
    const credentials = new BehaviorSubject({ token: 'one' });
    credentials.next({ token: 'two' });
    server.users.expireToken('one');
    const session = await login.another(settings(credentials), never);
    credentials.next({ token: 'three' });
    scheduler.flush();
    expect(leases.renewals).toBe(0);
    expect(credentials.observed).toBe(false);
    await session.close();
  });
});
