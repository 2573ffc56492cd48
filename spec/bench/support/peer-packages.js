import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { resolve } from 'import-meta-resolve';
import { installed, versions } from '../../support/installed.js';

const packages = {
  '@tanstack/query-core': '5.108.0',
  'better-sqlite3': '12.11.1',
  c12: '3.3.4',
  effect: '4.1.0',
  'generic-pool': '3.9.0',
  postgres: '3.4.9',
};

const inside = join(installed('bench', { ...packages, ...versions('knex') }), 'x.js');
const require = createRequire(inside);
const imported = (name) => import(resolve(name, pathToFileURL(inside).href));

/** Packages that only benches take: installed once into a folder in .cache. */
export const postgresJs = () => require('postgres');
export const betterSqlite3 = () => require('better-sqlite3');
export const genericPool = () => require('generic-pool');
export const c12 = () => imported('c12');
export const effect = () => imported('effect');
export const tanstackQuery = () => imported('@tanstack/query-core');
/** The same hotline, where it finds better-sqlite3. */
export const hotlineBesideIt = () => require('hotline');
