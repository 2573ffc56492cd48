import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
// @ts-expect-error -- plain JavaScript
import { installed as untyped, versions as versionsOf } from '../support/installed.js';

const installed = untyped as (name: string, packages: object) => string;
const versions = versionsOf as (...names: string[]) => Record<string, string>;
const edits = 20;

/** The application of Nest's guide to hot reload: webpack evaluates the entry again when a module was edited. */
const main = (recipe: string): string => `
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { HotlineModule } from 'hotline/nestjs';
import { options } from './db.js';
class AppModule {}
Module({ imports: [HotlineModule.forRoot({ ...options, connections: ['pets'], logger: false })] })(AppModule);
async function bootstrap() {
  const app = await NestFactory.create(AppModule, { logger: false });
  await app.listen(0, '127.0.0.1');
  if (module.hot) {
    module.hot.accept();
    ${recipe}
  }
  globalThis.evaluated++;
}
bootstrap();
`;

const db = `
import { tomlFile } from 'hotline';
export const options = { sources: [tomlFile('secrets.toml')], types: { memory: globalThis.memory.Kind } };
`;

/** Builds and watches with webpack, runs the bundle, edits, and prints how many instances are open at the end. */
const develop = `
const { writeFileSync } = require('node:fs');
const { setTimeout: wait } = require('node:timers/promises');
const webpack = require('webpack');
const { memoryKind } = require('hotline/testing');
globalThis.memory = memoryKind({ settings: {} });
globalThis.evaluated = 0;
const warned = [];
process.on('warning', ({ code }) => code && warned.push(code));
console.log = () => undefined;
const compiler = webpack({
  mode: 'development',
  target: 'node',
  devtool: false,
  context: __dirname,
  entry: ['webpack/hot/signal', './main.js'],
  output: { path: __dirname + '/dist' },
  externals: [({ request }, done) => (/^[./]|^webpack/.test(request) ? done() : done(null, 'commonjs ' + request))],
  plugins: [new webpack.HotModuleReplacementPlugin()],
});
const until = async (met) => {
  for (let tries = 0; !met() && tries < 500; tries++) await wait(20);
};
let built = 0;
compiler.watch({ aggregateTimeout: 5 }, (error, stats) => {
  if (error || stats.hasErrors()) throw error ?? new Error(stats.toString());
  if (++built === 1) require('./dist/main.js');
  // In place of the poll of Nest's guide, which may read an update that is half written.
  else process.kill(process.pid, 'SIGUSR2');
});
(async () => {
  await until(() => evaluated === 1);
  for (let edit = 1; edit <= ${edits}; edit++) {
    writeFileSync('db.js', ${JSON.stringify(db)} + '// ' + edit);
    await until(() => evaluated === 1 + edit);
  }
  // Webpack does not wait for what a dispose handler began.
  await until(() => memory.open.length === 1 || !process.argv[2]);
  process.stdout.write(JSON.stringify({ evaluated, open: memory.open.length, warned }));
  process.exit();
})();
`;

describe("a Nest application under webpack's hot reload that is edited twenty times", () => {
  let folder: string;
  beforeEach(async () => {
    const nest = versions('@nestjs/common', '@nestjs/core', '@nestjs/platform-express', 'reflect-metadata', 'rxjs');
    folder = await mkdtemp(join(installed('webpack', { webpack: '5.113.0', ...nest }), 'app-'));
  }, 120_000);
  afterEach(() => rm(folder, { recursive: true }));

  const outcome = async (recipe: string): Promise<unknown> => {
    await writeFile(join(folder, 'secrets.toml'), '[connections.pets]\ntype = "memory"\n', { mode: 0o600 });
    await writeFile(join(folder, 'main.js'), main(recipe));
    await writeFile(join(folder, 'db.js'), db);
    await writeFile(join(folder, 'develop.cjs'), develop);
    const env = { ...process.env, NODE_OPTIONS: '' };
    const { stdout } = await promisify(execFile)(process.execPath, ['develop.cjs', recipe], { cwd: folder, env });
    return JSON.parse(stdout);
  };

  it('has one pool where it is closed when it is replaced', async () => {
    const recipe = 'module.hot.dispose(() => app.close());';
    expect(await outcome(recipe)).toEqual({ evaluated: edits + 1, open: 1, warned: [] });
  });

  it('has a pool an edit where nobody closes it, and is warned of it', async () => {
    expect(await outcome('')).toEqual({ evaluated: edits + 1, open: edits + 1, warned: ['registries_alike'] });
  });
});
