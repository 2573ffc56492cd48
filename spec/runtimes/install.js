// The runtimes of the black-box suite, installed into .cache/runtimes: their makers publish them as packages of npm.
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { installed, versions } from '../support/installed.js';

const node = (version) => `npm:node-${process.platform}-${process.arch}@${version}`;

const runtimes = {
  node22: node('22.23.3'),
  node24: node('24.21.0'),
  node26: node('26.12.1'),
  bun: '1.4.5',
  deno: '2.9.6',
};

/** Where each lies in the folder; it is asked for its version by `--version`. */
export const commands = {
  'the Node.js of the tests': [process.execPath],
  'Node.js 22': ['node_modules/node22/bin/node'],
  'Node.js 24': ['node_modules/node24/bin/node'],
  'Node.js 26': ['node_modules/node26/bin/node'],
  Bun: ['node_modules/bun/bin/bun.exe'],
  Deno: ['node_modules/deno/deno', 'run', '--allow-all'],
};

/** The folder, with the suite in it: what it imports is the package that is installed beside it. */
export function install() {
  const drivers = versions('drizzle-orm', 'knex', 'libsql', 'mysql2', 'pg', 'pg-cursor', 'rxjs');
  const folder = installed('runtimes', { ...runtimes, ...drivers });
  copyFileSync('spec/runtimes/black-box.js', join(folder, 'black-box.mjs'));
  return folder;
}
