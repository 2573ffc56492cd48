import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BaseConnection, ConnectionRegistry } from 'hotline';
import { HotlineModule, connectionToken, connectionToken$, registryToken } from 'hotline/nestjs';
import { memoryKind, type MemoryInstance } from 'hotline/testing';
import { firstValueFrom, type Observable } from 'rxjs';
import { makeProject, type Project } from '../support/project.ts';
import { application, options } from './application.ts';
import { deepIt } from '../support/depth.ts';

describe('module', () => {
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

    it('writes events to a logger: that of Nest, the one that is given, or none', async () => {
      const lines: string[] = [];
      const info = (line: unknown): void => void lines.push(String(line));
      const logger = { info, warn: info, error: info };
      for (const root of [
        HotlineModule.forRoot({ ...options(memoryKind()), connections: ['pets'], logger }),
        HotlineModule.forRootAsync({ useFactory: () => options(memoryKind()), connections: ['pets'], logger: false }),
      ])
        await (await application([root])).close();
      expect(lines.filter((line) => line.includes('is ready'))).toHaveLength(1);
      const written: string[] = [];
      const nest = (line: unknown, context: unknown): void => void written.push(`[${String(context)}] ${String(line)}`);
      const root = HotlineModule.forRoot({ ...options(memoryKind()), connections: ['pets'] });
      await (await application([root], [], { log: nest, warn: nest, error: nest })).close();
      expect(written).toContainEqual(expect.stringMatching(/\[Hotline\] .*is ready/));
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
});

describe('providers', () => {
  type Pets = BaseConnection<MemoryInstance>;

  describe('what is provided for a connection', () => {
    it('the stream opens nothing before somebody subscribes', async () => {
      const memory = memoryKind();
      const root = HotlineModule.forRootAsync({ useFactory: () => options(memory) });
      const app = await application([root, HotlineModule.forFeature({ wh: { size: 1 } })]);
      expect(memory.open).toHaveLength(1);
      const wh = app.get<Pets>(connectionToken('wh'));
      expect(await firstValueFrom(app.get<Observable<Pets>>(connectionToken$('wh')))).toBe(wh);
      await app.close();
    });

    it('the application does not start with a connection that cannot be opened; the error says which and why', async () => {
      const memory = memoryKind();
      memory.failNext();
      const starting = application([HotlineModule.forRoot({ ...options(memory), connections: ['pets'] })]);
      await expect(starting).rejects.toMatchObject({ code: 'open_failed', connection: 'pets' });
    });
  });
});

describe('inject', () => {
  /** Says which lines of which files do not compile. */
  function compile(project: Project): Promise<string[]> {
    const tsc = resolve('node_modules/@typescript/native/bin/tsc');
    return new Promise((done) => {
      const flags = ['-p', project.root, '--pretty', 'false'];
      execFile(process.execPath, [tsc, ...flags], { cwd: project.root }, (_error, stdout) =>
        done(
          stdout.split('\n').flatMap((line) => /^\S+\(\d+/.exec(line)?.map((place) => place.replace('(', ':')) ?? []),
        ),
      );
    });
  }

  const head = `
import { Injectable } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { SnowflakeConnection, SqlConnection, type ConnectionRegistry } from 'hotline';
import { InjectConnection, InjectConnection$, InjectRegistry } from 'hotline/nestjs';
@Injectable()
export class Service {
  constructor(
    @InjectConnection('pets') readonly pets: SqlConnection,
    @InjectConnection$('pets') readonly pets$: Observable<SqlConnection>,
    @InjectRegistry() readonly hot: ConnectionRegistry,
  ) {}
`;

  describe('the decorators, in a Nest project with decorator syntax', () => {
    let project: Project;
    beforeAll(async () => {
      project = await makeProject();
      const legacy = { experimentalDecorators: true, emitDecoratorMetadata: true };
      const compilerOptions = { module: 'NodeNext', target: 'ES2023', strict: true, noEmit: true, types: ['node'] };
      await project.write(
        'tsconfig.json',
        JSON.stringify({ compilerOptions: { ...compilerOptions, ...legacy }, include: ['src'] }),
      );
    });
    afterAll(() => project.remove());

    deepIt('take every type until Connections says which there are', async () => {
      await project.write(
        'src/service.ts',
        `${head}
  @InjectConnection('anything') wh!: SnowflakeConnection;
}`,
      );
      expect(await compile(project)).toEqual([]);
    });

    it('then know what is injected under a name', async () => {
      await project.write(
        'src/connections.d.ts',
        `import type { SqlConnection } from 'hotline';
declare module 'hotline' { interface Connections { pets: SqlConnection } }`,
      );
      await project.write(
        'src/service.ts',
        `${head}
  @InjectConnection('pets') right!: SqlConnection;
  @InjectConnection('petz') misspelt!: SqlConnection;
  @InjectConnection('pets') otherKind!: SnowflakeConnection;
  @InjectConnection$('pets') notAStream!: SqlConnection;
}
export class Nothing {
  constructor(@InjectConnection('pets') readonly wh: SnowflakeConnection) {}
}`,
      );
      const first = head.split('\n').length + 1;
      const lines = [first + 1, first + 2, first + 3, first + 6];
      expect(await compile(project)).toEqual(lines.map((line) => `src/service.ts:${line}`));
    });
  });
});
