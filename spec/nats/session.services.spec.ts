import { describe, expect, it } from '@jest/globals';
import type { SourceState } from 'hotline';
import { session$ } from '../../src/nats/session.ts';
import { startNats } from '../support/nats-server.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const failed = (): SourceState => ({ state: 'missing' });
const what = { bucket: 'b', key: 'k', label: 'l', optional: true, poll: Infinity, failed };

describe('session$', () => {
  it('leaves no client behind, also when its server is away or it is left while it connects', async () => {
    const server = await startNats();
    const proxy = await startTcpProxy(server.port);
    const connect = { servers: `127.0.0.1:${proxy.port}` };
    const looks: (() => Promise<void>)[] = [];
    const onLook = (look: () => Promise<void>): void => void looks.push(look);
    const early = session$({ ...what, connect, onLook }).subscribe();
    early.unsubscribe();
    const states: string[] = [];
    const session = session$({ ...what, connect, onLook }).subscribe(({ state }) => states.push(state));
    await closed(() => states.length > 0);
    proxy.refuse();
    proxy.reset();
    session.unsubscribe();
    proxy.accept();
    await closed(() => proxy.open === 0);
    // Nobody comes back, either.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect([proxy.open, states]).toEqual([0, ['missing']]);
    await looks.at(-1)!();
    await proxy.close();
    await server.remove();
  });
});

async function closed(done: () => boolean): Promise<void> {
  for (let left = 400; !done() && left > 0; left--) await new Promise((resolve) => setTimeout(resolve, 25));
}
