import 'reflect-metadata';
import { Global, Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { describe, expect, it } from '@jest/globals';
import { createConnections, type BaseConnection } from 'hotline';
import { HotlineModule, InjectConnection, connectionToken, registryToken } from 'hotline/nestjs';
import { memoryKind, memorySource, type MemoryInstance, type MemoryKind, type MemorySource } from 'hotline/testing';
import { application, injected, options } from './application.ts';

describe('providers', () => {
  type Pets = BaseConnection<MemoryInstance>;

  describe('the registry of a module', () => {
    it('is closed where a connection cannot be opened and the application does not start', async () => {
      const memory = memoryKind();
      const root = HotlineModule.forRootAsync({ connections: ['wh'], useFactory: () => options(memory) });
      const feature = HotlineModule.forFeature({ missing: {} });
      await expect(application([root, feature])).rejects.toMatchObject({ code: 'missing_config' });
      await new Promise((done) => setTimeout(done, 20));
      expect(memory.open).toEqual([]);
    });

    it('is one: a second global forRoot is an error, one for a module alone is not', async () => {
      const memory = memoryKind();
      const root = (more: object = {}): DynamicModule =>
        HotlineModule.forRoot({ ...options(memory), connections: ['pets'], ...more });
      await expect(application([root(), root()])).rejects.toMatchObject({ code: 'invalid_argument' });
      expect(memory.opened).toEqual([]);
      const app = await application([root(), root({ isGlobal: false })]);
      await app.close();
      expect(memory.open).toEqual([]);
    });

    it('may be made elsewhere, and is then left open; options beside it are refused', async () => {
      const memory = memoryKind();
      await using registry = createConnections(options(memory));
      for (const root of [
        HotlineModule.forRoot({ registry, connections: ['pets'] }),
        HotlineModule.forRootAsync({ connections: ['pets'], useFactory: () => ({ registry }) }),
      ]) {
        const app = await application([root]);
        expect(app.get(registryToken)).toBe(registry);
        const pets = app.get<Pets>(connectionToken('pets'));
        await app.close();
        expect(await pets.use(({ closed }) => closed)).toBe(false);
      }
      await expect(application([HotlineModule.forRoot({ registry, sources: [] })])).rejects.toMatchObject({
        code: 'invalid_argument',
      });
    });
  });
});

describe('module', () => {
  type Pets = BaseConnection<MemoryInstance>;

  describe('a start that waits (retry: { attempts: Infinity })', () => {
    const waiting = (memory: MemoryKind, source: MemorySource) => ({
      sources: [source],
      types: { memory: memory.Kind },
      retry: { attempts: Infinity },
    });
    const settled = async (start: Promise<unknown>): Promise<boolean> => {
      let done = false;
      const end = (): unknown => (done = true);
      start.then(end, end);
      await new Promise((later) => setTimeout(later, 50));
      return done;
    };

    it.each(['the section', 'the code'])('waits for a section that is not there; %s says the type', async (where) => {
      const memory = memoryKind();
      const source = memorySource();
      const connections = where === 'the code' ? { pets: { type: memory.Kind } } : ['pets'];
      const root = HotlineModule.forRoot({ ...waiting(memory, source), connections });
      const start = application([root]);
      expect(await settled(start)).toBe(false);
      expect(memory.opened).toEqual([]);
      source.section('pets', where === 'the code' ? { url: 'memory:' } : { type: 'memory' });
      const app = await start;
      expect(await app.get<Pets>(connectionToken('pets')).use(({ closed }) => closed)).toBe(false);
      await app.close();
      expect(memory.open).toEqual([]);
    });

    it('ends with the registry, where that is closed meanwhile', async () => {
      const memory = memoryKind();
      const registry = createConnections(waiting(memory, memorySource()));
      const start = application([HotlineModule.forRoot({ registry, connections: ['pets'] })]);
      expect(await settled(start)).toBe(false);
      await registry.close();
      await expect(start).rejects.toMatchObject({ code: 'closed' });
      expect(memory.opened).toEqual([]);
    });
  });

  describe('the shutdown', () => {
    it.each([true, false])('comes after that of other global modules (imported first: %s)', async (first) => {
      const memory = memoryKind();
      const said: unknown[] = [];
      class Audit {
        readonly pets: Pets;
        constructor(pets: Pets) {
          this.pets = pets;
        }
        async onApplicationShutdown(): Promise<void> {
          said.push(await this.pets.use(({ closed }) => closed).catch((error: unknown) => error));
        }
      }
      injected(Audit, InjectConnection('pets'));
      class AuditModule {}
      Module({ providers: [Audit], exports: [Audit] })(AuditModule);
      Global()(AuditModule);
      class AppModule {}
      const root = HotlineModule.forRoot({ ...options(memory), connections: ['pets'] });
      Module({ imports: first ? [AuditModule, root] : [root, AuditModule] })(AppModule);
      const app = await NestFactory.create(AppModule, { logger: false, abortOnError: false });
      await app.init();
      await app.close();
      expect(said).toEqual([false]);
      expect(memory.open).toEqual([]);
    });
  });
});
