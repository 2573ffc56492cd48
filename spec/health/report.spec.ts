import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SqlConnection, createConnections, inline, type ConnectionRegistry } from 'hotline';
import { healthHandler, healthReport } from 'hotline/health';
import { memoryKind, memorySource, type MemoryKind } from 'hotline/testing';
import { NEVER } from 'rxjs';

describe('report', () => {
  let memory: MemoryKind;
  const source = memorySource();
  let hot: ConnectionRegistry;

  function start(connections: object): void {
    source.set({ connections } as never);
    memory = memoryKind();
    hot = createConnections({ sources: [source], types: { memory: memory.Kind }, retry: { attempts: 1 } });
  }

  afterEach(() => hot.close({ timeout: 0 }));

  describe('healthReport', () => {
    it('is up while nothing is wrong: what nobody has opened yet, and what serves', async () => {
      start({ pets: { type: 'memory' } });
      expect(await healthReport(hot)).toEqual({ status: 'up', connections: {}, secrets: 'up' });
      expect(await healthReport(hot, { connections: ['pets'] })).toEqual({
        ...{ status: 'up', secrets: 'up' },
        connections: { pets: { status: 'up', state: 'idle', generation: 0 } },
      });
      expect(memory.open).toEqual([]);
      await hot.connection('pets');
      expect((await healthReport(hot)).connections).toEqual({ pets: { status: 'up', state: 'ready', generation: 1 } });
    });

    it('finds what is asked for by the environment', async () => {
      process.env['HOTLINE_SPEC_WHICH'] = 'pets';
      start({ pets: { type: 'sql', url: 'sqlite://:memory:' } });
      await hot.connection('env:HOTLINE_SPEC_WHICH', { type: SqlConnection });
      const connections = ['env:HOTLINE_SPEC_WHICH'];
      const pets = { status: 'up', state: 'ready', generation: 1 };
      expect((await healthReport(hot, { connections })).connections).toEqual({ pets });
      delete process.env['HOTLINE_SPEC_WHICH'];
      expect(await healthReport(hot, { connections })).toMatchObject({ status: 'down' });
    });

    it('is degraded while the old one serves because the new one does not open, or a source is broken', async () => {
      start({ pets: { type: 'memory', size: 1 } });
      await hot.connection('pets');
      source.fail();
      await new Promise((done) => setImmediate(done));
      expect(await healthReport(hot)).toMatchObject({ status: 'degraded', secrets: 'degraded' });
      memory.failNext(new Error('the server said: hunter22'), 99);
      source.set({ connections: { pets: { type: 'memory', size: 2 } } });
      await new Promise((done) => setTimeout(done, 50));
      const report = await healthReport(hot);
      expect(report).toMatchObject({ status: 'degraded', secrets: 'up' });
      expect(report.connections['pets']).toMatchObject({ status: 'degraded', generation: 1, error: 'open_failed' });
      expect(JSON.stringify(report)).not.toMatch(/hunter22|said/);
    });

    it('is down with what could not be opened, has no config, or was closed', async () => {
      start({ pets: { type: 'memory' } });
      memory.failNext();
      await hot.connection('pets').catch(() => undefined);
      expect(await healthReport(hot, { connections: ['pets', 'petz'] })).toMatchObject({
        status: 'down',
        connections: {
          pets: { status: 'down', state: 'failed', error: 'open_failed' },
          petz: { status: 'down', state: 'failed', error: 'missing_config' },
        },
      });
      await hot.close();
      expect(await healthReport(hot)).toMatchObject({ status: 'down', connections: { pets: { state: 'closed' } } });
    });

    it('asks the servers when it is told to, which opens what is not open', async () => {
      start({ pets: { type: 'memory' } });
      const ask = { connections: ['pets'], ping: true };
      expect(await healthReport(hot, ask)).toMatchObject({ status: 'up', connections: { pets: { state: 'ready' } } });
      memory.checkError = new Error('no answer');
      expect(await healthReport(hot, ask)).toMatchObject({
        status: 'down',
        connections: { pets: { status: 'down', error: 'open_failed' } },
      });
      expect((await healthReport(hot, { connections: ['petz'], ping: true })).connections).toMatchObject({
        petz: { status: 'down', error: 'missing_config' },
      });
    });

    it('is down in time, where a server or a source says nothing', async () => {
      start({ pets: { type: 'memory' } });
      const release = memory.hang();
      expect(await healthReport(hot, { connections: ['pets'], ping: true, timeout: 20 })).toMatchObject({
        status: 'down',
        connections: { pets: { status: 'down', error: 'timeout' } },
      });
      release();
      await hot.close();
      hot = createConnections({ sources: [inline(NEVER)] });
      const report = await healthReport(hot, { connections: ['pets'], timeout: 20, ping: true });
      expect(report.status).toBe('down');
    });
  });
});

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
