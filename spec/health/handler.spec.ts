import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createConnections, type ConnectionRegistry } from 'hotline';
import { healthHandler } from 'hotline/health';
import { memoryKind, memorySource } from 'hotline/testing';

describe('healthHandler', () => {
  const memory = memoryKind();
  let hot: ConnectionRegistry;
  let server: Server;
  const ask = (path: string, method = 'GET'): Promise<Response> =>
    fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, { method });

  beforeEach(async () => {
    const source = memorySource({ connections: { pets: { type: 'memory', password: 'hunter22' } } });
    hot = createConnections({ sources: [source], types: { memory: memory.Kind }, retry: { attempts: 1 } });
    server = createServer(healthHandler(hot, { connections: ['pets'] }));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  });
  afterEach(async () => {
    server.close();
    server.closeAllConnections();
    await hot.close();
  });

  it('says live as long as it answers, and ready while every connection serves', async () => {
    await hot.connection('pets');
    const [live, ready] = await Promise.all([ask('/live'), ask('/health/ready?full')]);
    expect([live.status, await live.json()]).toEqual([200, { status: 'up' }]);
    expect([ready.status, ready.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(await ready.json()).toMatchObject({ status: 'up', connections: { pets: { state: 'ready' } } });
  });

  it('says not ready, and still live, when one does not', async () => {
    memory.failNext(new Error('hunter22 is wrong'));
    await hot.connection('pets').catch(() => undefined);
    const [live, ready] = await Promise.all([ask('/health/live'), ask('/ready/')]);
    expect([live.status, ready.status]).toEqual([200, 503]);
    const text = await ready.text();
    expect(text).toContain('open_failed');
    expect(text).not.toMatch(/hunter22|wrong/);
    expect([(await ask('/ready', 'HEAD')).status, await (await ask('/ready', 'HEAD')).text()]).toEqual([503, '']);
  });

  it('leaves to others what is not for it', async () => {
    expect([(await ask('/')).status, (await ask('/already')).status, (await ask('/ready', 'POST')).status]).toEqual([
      404, 404, 405,
    ]);
    let passed = 0;
    healthHandler(hot)({ url: '/pets' }, undefined as never, () => passed++);
    expect(passed).toBe(1);
  });
});
