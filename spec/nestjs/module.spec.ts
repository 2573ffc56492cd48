import { describe, expect, it } from '@jest/globals';
import type { BaseConnection, ConnectionRegistry } from 'hotline';
import { connectionToken, HotlineModule, registryToken } from 'hotline/nestjs';
import { memoryKind, type MemoryInstance } from 'hotline/testing';
import { application, options } from './application.ts';

type Pets = BaseConnection<MemoryInstance>;

describe('HotlineModule', () => {
  it('forRoot: the registry, and each connection that is listed: open when the application starts', async () => {
    const memory = memoryKind();
    const app = await application([HotlineModule.forRoot({ ...options(memory), connections: ['pets'] })]);
    const pets = app.get<Pets>(connectionToken('pets'));
    expect(memory.log).toEqual(['connect 1', 'check 1']);
    expect(await pets.use(({ number }) => number)).toBe(1);
    expect(await app.get<ConnectionRegistry>(registryToken).connection('pets')).toBe(pets);
    expect(() => app.get(connectionToken('wh'))).toThrow();
    await app.close();
    expect(memory.open).toEqual([]);
  });

  it('forRootAsync: the options come from another provider; connections may have options of their own', async () => {
    const memory = memoryKind();
    const root = HotlineModule.forRootAsync({
      connections: { pets: { size: 3 }, wh: { idleTimeout: '1h' } },
      useFactory: async () => options(memory),
    });
    const app = await application([root]);
    expect(memory.opened.map(({ config }) => config['size']).sort()).toEqual([3, undefined]);
    await app.close();
    expect(memory.open).toEqual([]);
  });

  it('shutting down waits for running work, then closes', async () => {
    const memory = memoryKind();
    const app = await application([HotlineModule.forRoot({ ...options(memory), connections: ['pets'] })]);
    await app.init();
    let finish = (): void => undefined;
    const working = app.get<Pets>(connectionToken('pets')).use(async ({ closed }) => {
      await new Promise<void>((done) => (finish = done));
      return closed;
    });
    const closing = app.close();
    await new Promise((done) => setTimeout(done, 20));
    expect(memory.open).toHaveLength(1);
    finish();
    expect(await working).toBe(false);
    await closing;
    expect(memory.open).toEqual([]);
  });
});
