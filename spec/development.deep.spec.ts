import { spawn } from 'node:child_process';
import { chmod } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
// @ts-expect-error -- plain JavaScript
import { folderWith } from './support/installed.js';
import { makeProject, type Project } from './support/project.ts';

const edits = 20;
const viteAddress = pathToFileURL(resolve('.cache/vite/node_modules/vite/dist/node/index.js')).href;
beforeAll(() => void (folderWith as (name: string, packages: object) => string)('vite', { vite: '5.4.21' }), 120_000);

/**
 * A development server of Vite in one process, which evaluates `db.js` anew at each edit. It prints how many instances were opened,
 * how many are open at the end, and which warnings came.
 */
const server = `
import { writeFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { createServer, createViteRuntime } from ${JSON.stringify(viteAddress)};
import { memoryKind } from 'hotline/testing';

globalThis.memory = memoryKind({ settings: {} });
globalThis.warned = [];
process.on('warning', ({ code }) => code && globalThis.warned.push(code));
const vite = await createServer({ root: process.cwd(), configFile: false, appType: 'custom', logLevel: 'error', server: { middlewareMode: true, hmr: { port: 0 } } });
const runtime = await createViteRuntime(vite, { hmr: { logger: false } });
await runtime.executeEntrypoint('/main.js');
const db = await (await import('node:fs/promises')).readFile('db.js', 'utf8');
for (let edit = 1; edit <= ${edits}; edit++) {
  const before = globalThis.evaluated;
  // The watcher of Vite passes over a second change within 100 ms.
  await wait(120);
  await writeFile('db.js', db + '// ' + edit);
  for (let tries = 0; globalThis.evaluated === before && tries < 100; tries++) await wait(20);
}
await wait(100);
console.log(JSON.stringify({ evaluated: globalThis.evaluated, open: globalThis.memory.open.length, warned: globalThis.warned }));
process.exit();
`;

/** What Vite says where it transforms each file of the package, as it does for one that is linked. */
const transforming = `
import { createServer } from ${JSON.stringify(viteAddress)};
import { readdirSync } from 'node:fs';
const warned = [];
const warn = (message) => warned.push(message);
const customLogger = { info() {}, warn, warnOnce: warn, error: warn, clearScreen() {}, hasErrorLogged: () => false, hasWarned: false };
const optimizeDeps = { noDiscovery: true };
const vite = await createServer({ root: process.cwd(), configFile: false, appType: 'custom', customLogger, optimizeDeps, server: { middlewareMode: true, hmr: { port: 0 } } });
const package_ = 'node_modules/hotline/dist';
const files = readdirSync(package_, { recursive: true }).filter((file) => /(^|[/])(index|main)[.]m?js$/.test(file) && !file.includes('page'));
for (const file of files) await vite.transformRequest('/' + package_ + '/' + file, { ssr: true });
console.log(JSON.stringify({ doors: files.filter((file) => file.endsWith('index.js')).length, warned }));
process.exit();
`;

const main = `
import { hot } from './db.js';
await hot.connection('pets', { type: 'memory' });
globalThis.evaluated = (globalThis.evaluated ?? 0) + 1;
if (import.meta.hot) import.meta.hot.accept();
`;

const options = `{ sources: [tomlFile('secrets.toml')], types: { memory: globalThis.memory.Kind } }`;

/** A Nest application, which main.js makes anew at each edit of db.js. */
const nest = (recipe: string): string => `
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { HotlineModule } from 'hotline/nestjs';
import { options } from './db.js';
class AppModule {}
Module({ imports: [HotlineModule.forRoot({ ...options, connections: ['pets'], logger: false })] })(AppModule);
const app = await NestFactory.create(AppModule, { logger: false });
await app.listen(0, '127.0.0.1');
globalThis.evaluated = (globalThis.evaluated ?? 0) + 1;
if (import.meta.hot) {
  import.meta.hot.accept();
  ${recipe}
}
`;

/** A program that `node --watch` starts again when it is edited, and that closes its registry at SIGTERM. */
const watched = `
import { createConnections, tomlFile } from 'hotline';
import { memoryKind } from 'hotline/testing';
const memory = memoryKind({ settings: {} });
const hot = createConnections({ sources: [tomlFile('secrets.toml')], types: { memory: memory.Kind } });
await hot.connection('pets', { type: 'memory' });
const held = setInterval(() => undefined, 1000);
process.once('SIGTERM', async () => {
  await hot.close({ timeout: '5s' });
  console.log('open at the end: ' + memory.open.length);
  clearInterval(held);
});
console.log('started');
`;

describe('a module of Vite that is edited twenty times', () => {
  let project: Project;
  beforeAll(async () => {
    project = await makeProject();
    await project.write('secrets.toml', '[connections.pets]\n');
    await chmod(join(project.root, 'secrets.toml'), 0o600);
    await project.write('main.js', main);
  });
  afterAll(() => project.remove());

  const outcome = async (db: string): Promise<unknown> => {
    await project.write('db.js', db);
    const { stdout, stderr } = await project.run(server, 50_000);
    try {
      return JSON.parse(stdout.trim().split('\n').at(-1)!);
    } catch {
      throw new Error(stdout + stderr);
    }
  };

  it('has a pool an edit where nobody closes its registry, and is warned of it once', async () => {
    const db = `import { createConnections, tomlFile } from 'hotline';\nexport const hot = createConnections(${options});\n`;
    expect(await outcome(db)).toEqual({ evaluated: edits + 1, open: edits + 1, warned: ['registries_alike'] });
  });

  it('has one pool where import.meta.hot.data keeps the one to close', async () => {
    const db = `import { createConnections, tomlFile } from 'hotline';
      await import.meta.hot?.data.hot?.close();
      export const hot = createConnections(${options});
      if (import.meta.hot) import.meta.hot.data.hot = hot;\n`;
    expect(await outcome(db)).toEqual({ evaluated: edits + 1, open: 1, warned: [] });
  });

  it('has one pool where it takes the default registry', async () => {
    const db = `import { defaultConnections, tomlFile } from 'hotline';\nexport const hot = defaultConnections(${options});\n`;
    expect(await outcome(db)).toEqual({ evaluated: edits + 1, open: 1, warned: [] });
  });
});

describe('a Nest application in the module runner of Vite that is edited twenty times', () => {
  it.each([
    ['has one pool where it is closed when it is replaced', 'import.meta.hot.dispose(() => app.close());', 1, []],
    ['has a pool an edit where nobody closes it', '', edits + 1, ['registries_alike']],
  ])('%s', async (_what, recipe, open, warned) => {
    const project = await makeProject({ more: ['reflect-metadata'] });
    await project.write('secrets.toml', '[connections.pets]\ntype = "memory"\n');
    await chmod(join(project.root, 'secrets.toml'), 0o600);
    await project.write('main.js', nest(recipe));
    await project.write('db.js', `import { tomlFile } from 'hotline';\nexport const options = ${options};\n`);
    const { stdout } = await project.run(server, 50_000);
    await project.remove();
    expect(stdout.trim().split('\n').at(-1)).toBe(JSON.stringify({ evaluated: edits + 1, open, warned }));
  });
});

it('Vite has nothing to say of any file of the package', async () => {
  const project = await makeProject();
  const outcome = await project.ask(transforming).finally(() => project.remove());
  expect(outcome).toEqual({ doors: 9, warned: [] });
});

/** The same in Nest, which closes what it made when it is told to end. */
const watchedNest = `
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { tomlFile } from 'hotline';
import { HotlineModule, registryToken } from 'hotline/nestjs';
import { memoryKind } from 'hotline/testing';
const memory = memoryKind({ settings: {} });
const sources = [tomlFile('secrets.toml')];
class AppModule {}
const connections = { pets: { type: 'memory' } };
Module({ imports: [HotlineModule.forRoot({ sources, types: { memory: memory.Kind }, connections, logger: false })] })(AppModule);
const app = await NestFactory.create(AppModule, { logger: false });
app.enableShutdownHooks();
// Nest ends the process by the signal, when its last hook has returned.
app.get(registryToken).events$.subscribe(({ type }) => {
  if (type === 'instance.closed') console.log('open at the end: ' + memory.open.length);
});
await app.listen(0, '127.0.0.1');
console.log('started');
`;

describe('a program of node --watch that is edited', () => {
  it.each([
    ['closes its registry each time, in order', watched],
    ['closes that of a Nest application with shutdown hooks', watchedNest],
  ])('%s', async (_what, watched) => {
    const project = await makeProject({ more: ['reflect-metadata'] });
    await project.write('secrets.toml', '[connections.pets]\n');
    await chmod(join(project.root, 'secrets.toml'), 0o600);
    await project.write('app.mjs', watched);
    const child = spawn(process.execPath, ['--watch', '--no-warnings', 'app.mjs'], { cwd: project.root });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const until = async (what: RegExp, times: number): Promise<void> => {
      for (let tries = 0; (output.match(what)?.length ?? 0) < times && tries < 400; tries++) await wait(25);
    };
    for (let edit = 1; edit <= 3; edit++) {
      await until(/^started/gm, edit);
      await wait(300);
      await project.write('app.mjs', `${watched}// ${edit}`);
      await until(/^open at the end/gm, edit);
    }
    await until(/^started/gm, 4);
    child.kill('SIGTERM');
    await new Promise((ended) => child.once('exit', ended));
    await project.remove();
    expect(output.match(/^(started|open at the end: .*)$/gm)?.slice(0, 7)).toEqual(
      [...Array(3).fill(['started', 'open at the end: 0']), ['started']].flat(),
    );
  });
});
