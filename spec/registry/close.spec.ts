import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { healthHandler } from '../../src/health/index.ts';
import { ConfigError, LeaseError, OpenError, QueryError, type ConnectionRegistry } from '../../src/index.ts';
import { settled } from './support/clock.ts';
import { stage } from './support/stage.ts';

let hot: ConnectionRegistry;
afterEach(() => hot.close());

async function ready(): Promise<{ readonly code: number; readonly status: unknown }> {
  const server = createServer(healthHandler(hot)).listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/ready`);
  const { status } = (await answer.json()) as { status: unknown };
  server.close();
  server.closeAllConnections();
  return { code: answer.status, status };
}

describe('close({ grace })', () => {
  it('lets every call work until it is over, while /ready answers 503; then it closes', async () => {
    const { clock, memory, ...made } = stage();
    ({ hot } = made);
    const pets = await hot.connection('pets');
    expect([hot.draining, (await ready()).code]).toEqual([false, 200]);
    let closed = false;
    const closing = hot.close({ grace: '10s' }).then(() => (closed = true));
    await clock.pass(9_900);
    expect([hot.draining, closed, await ready()]).toEqual([true, false, { code: 503, status: 'draining' }]);
    expect(await pets.use((raw) => (raw as { number: number }).number)).toBe(1);
    expect(await (await hot.connection('pets', { size: 2 })).use(() => 'a new one')).toBe('a new one');
    await clock.pass(200);
    await closing;
    expect(memory.open).toEqual([]);
    await expect(pets.use(() => 1)).rejects.toMatchObject({ code: 'closed' });
  });

  it('a second call without it ends the wait; Infinity waits for that', async () => {
    const { clock, memory, ...made } = stage();
    ({ hot } = made);
    await hot.connection('pets');
    const closing = hot.close({ grace: Infinity });
    await clock.pass(1e9);
    expect(memory.open).toHaveLength(1);
    await hot.close();
    await closing;
    expect(memory.open).toEqual([]);
  });

  it.each([{ grace: -1 }, { grace: '5 parsecs' }, { grase: 5 }])('refuses %j, and goes on', async (options) => {
    ({ hot } = stage());
    await expect(hot.close(options as never)).rejects.toMatchObject({ category: 'config' });
    await settled();
    expect(hot.draining).toBe(false);
    await hot.connection('pets');
  });
});

describe('HotlineError.resumable', () => {
  it('is true where the connection or the time ended the work, and not the work itself', () => {
    ({ hot } = stage());
    const errors = [
      new LeaseError('lease_aborted', ''),
      new QueryError('connection_lost', ''),
      new QueryError('timeout', ''),
      new LeaseError('pool_exhausted', ''),
      new OpenError('open_failed', ''),
      new QueryError('query_failed', ''),
      new QueryError('cancelled', ''),
      new LeaseError('closed', ''),
      new OpenError('auth_failed', ''),
      new ConfigError('missing_config', ''),
    ];
    expect(errors.map(({ resumable }) => resumable)).toEqual([
      ...[true, true, true, true, true],
      ...[false, false, false, false, false],
    ]);
  });
});
