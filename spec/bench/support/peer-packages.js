import { createRequire } from 'node:module';
import { join } from 'node:path';
import { installed, versions } from '../../support/installed.js';

const require = createRequire(
  join(installed('bench', { postgres: '3.4.9', 'better-sqlite3': '12.11.1', ...versions('knex') }), 'x.js'),
);

/** Packages that only benches take: installed once into a folder in .cache. */
export const postgresJs = () => require('postgres');
export const betterSqlite3 = () => require('better-sqlite3');
/** The same hotline, where it finds better-sqlite3. */
export const hotlineBesideIt = () => require('hotline');
