import type { AddressInfo } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import { HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ConnectionRegistry } from 'hotline';
import { HotlineHealthIndicator, HotlineModule, registryToken } from 'hotline/nestjs';
import { memoryKind, type MemoryKind } from 'hotline/testing';
import { Inject } from '@nestjs/common';
import { application, controller, injected, options } from './application.ts';

class HealthController {
  readonly #health: HealthCheckService;
  readonly #hotline: HotlineHealthIndicator;

  constructor(health: HealthCheckService, hotline: HotlineHealthIndicator) {
    this.#health = health;
    this.#hotline = hotline;
  }

  check() {
    return this.#health.check([() => this.#hotline.isHealthy('pets'), () => this.#hotline.isHealthy('wh')]);
  }
}

describe('HotlineHealthIndicator', () => {
  let memory: MemoryKind;
  let source: ReturnType<typeof options>['sources'][number];
  let app: INestApplication;
  let hot: ConnectionRegistry;
  let indicator: HotlineHealthIndicator;

  beforeEach(async () => {
    memory = memoryKind();
    const given = options(memory);
    source = given.sources[0]!;
    const Health = injected(HealthController, Inject(HealthCheckService), Inject(HotlineHealthIndicator));
    const root = HotlineModule.forRoot({ ...given, connections: ['pets'] });
    app = await application([root, TerminusModule as never], [controller(Health, 'health', 'check')]);
    await app.listen(0, '127.0.0.1');
    hot = app.get(registryToken);
    indicator = app.get(HotlineHealthIndicator);
  });
  afterEach(() => app.close());

  const ask = async (): Promise<readonly [number, unknown]> => {
    const { port } = (app.getHttpServer() as { address(): AddressInfo }).address();
    const response = await fetch(`http://127.0.0.1:${port}/health`, { headers: { connection: 'close' } });
    return [response.status, await response.json()];
  };

  it('is taken by Terminus as it is: 200 while every connection serves, 503 when one does not', async () => {
    const wh = { status: 'up', state: 'idle', generation: 0 };
    expect(await ask()).toMatchObject([
      200,
      { status: 'ok', info: { pets: { status: 'up', state: 'ready', generation: 1 }, wh } },
    ]);
    memory.failNext();
    await hot.connection('wh').catch(() => undefined);
    expect(await ask()).toMatchObject([
      503,
      { status: 'error', error: { wh: { status: 'down', state: 'failed', error: 'open_failed' } } },
    ]);
  });

  it('says up of a degraded connection, because it serves, or what it is told to say', async () => {
    memory.failNext(new Error('hunter22'), 99);
    source.section('pets', { type: 'memory', size: 2 });
    await new Promise((done) => setTimeout(done, 50));
    expect(await indicator.isHealthy('pets')).toMatchObject({ pets: { status: 'up', state: 'degraded' } });
    expect(await indicator.isHealthy('pets', { degraded: 'degraded' })).toMatchObject({ pets: { status: 'degraded' } });
    expect(await indicator.isHealthy('pets', { degraded: 'down' })).toMatchObject({ pets: { status: 'down' } });
  });

  it('asks the server when it is told to, and never rejects', async () => {
    memory.checkError = new Error('no answer');
    expect(await indicator.isHealthy('pets')).toMatchObject({ pets: { status: 'up' } });
    expect(await indicator.isHealthy('pets', { ping: true })).toMatchObject({ pets: { status: 'down' } });
    expect(await indicator.isHealthy('nobody')).toMatchObject({ nobody: { status: 'down', error: 'missing_config' } });
  });
});
