import { closest, distance } from 'fastest-levenshtein';
import { ConfigError } from '../../errors/index.ts';

/** The family of a database: what its SQL looks like and how its servers behave. */
export type Family = 'postgresql' | 'mysql' | 'sqlite' | 'mssql' | 'oracle';

/** A package of Node.js that speaks to a family, and the name of the knex client that uses it. */
export interface Driver {
  /** Its package, or the module of Node.js. */
  readonly package: string;
  readonly client: string;
}

export interface Dialect {
  readonly family: Family;
  /** The drivers to look for, the preferred one first. */
  readonly drivers: readonly Driver[];
}

const pg = { package: 'pg', client: 'pg' };
const mysql2 = { package: 'mysql2', client: 'mysql2' };
const mysql = { package: 'mysql', client: 'mysql' };
const mariadb = { package: 'mariadb', client: 'mariadb' };

const postgresql: Dialect = { family: 'postgresql', drivers: [pg, { package: 'pg-native', client: 'pgnative' }] };
const sqlite: Dialect = {
  family: 'sqlite',
  drivers: [
    { package: 'better-sqlite3', client: 'better-sqlite3' },
    { package: 'libsql', client: 'libsql' },
    { package: 'sqlite3', client: 'sqlite3' },
    // A part of Node.js itself, for who has installed none.
    { package: 'node:sqlite', client: 'node-sqlite' },
  ],
};
const mssql: Dialect = { family: 'mssql', drivers: [{ package: 'tedious', client: 'mssql' }] };
const oracle: Dialect = { family: 'oracle', drivers: [{ package: 'oracledb', client: 'oracledb' }] };

/** Every dialect by the names that SQLAlchemy and knex give it. */
const dialects: Readonly<Record<string, Dialect>> = {
  postgresql,
  postgres: postgresql,
  pg: postgresql,
  cockroachdb: { family: 'postgresql', drivers: [{ package: 'pg', client: 'cockroachdb' }] },
  redshift: { family: 'postgresql', drivers: [{ package: 'pg', client: 'redshift' }] },
  mysql: { family: 'mysql', drivers: [mysql2, mysql, mariadb] },
  mysql2: { family: 'mysql', drivers: [mysql2] },
  mariadb: { family: 'mysql', drivers: [mysql2, mariadb, mysql] },
  sqlite,
  sqlite3: sqlite,
  file: sqlite,
  'better-sqlite3': { family: 'sqlite', drivers: [sqlite.drivers[0]!] },
  libsql: { family: 'sqlite', drivers: [sqlite.drivers[1]!] },
  mssql,
  sqlserver: mssql,
  oracle,
  oracledb: oracle,
};

/** Drivers of Python, by which a Streamlit app names them: they say nothing about the driver of Node.js. */
const foreign = new Set(
  `psycopg psycopg2 psycopg2cffi psycopg_async asyncpg pg8000 pymysql mysqldb mysqlconnector aiomysql asyncmy cymysql
  mariadbconnector pysqlite pysqlite_numeric aiosqlite pysqlcipher pyodbc pymssql aioodbc cx_oracle oracledb_async
  redshift_connector`.split(/\s+/),
);

const elsewhere: Readonly<Record<string, string>> = {
  snowflake: 'Write type = "snowflake" and Snowflake\'s own settings.',
  duckdb: 'Write a kind of your own on @duckdb/node-api: about thirty lines that extend BaseConnection.',
};

/**
 * @throws ConfigError `invalid_config` for a dialect that knex does not speak, with what to do instead.
 */
export function dialectOf(name: string): Dialect {
  const known = dialects[name.toLowerCase()];
  if (known) return known;
  const cure = elsewhere[name.toLowerCase()] ?? nearest(name);
  throw new ConfigError('invalid_config', `knex has no dialect "${shown(name)}". ${cure}`);
}

/** Tells whether it is the name of a dialect. */
export function isDialect(name: string): boolean {
  return Object.hasOwn(dialects, name.toLowerCase());
}

/**
 * The drivers to look for: the one that was asked for, or all of the dialect when none of Node.js was.
 *
 * @throws ConfigError `invalid_config` for a driver that the dialect does not have.
 */
export function driversOf(dialect: Dialect, name: string | undefined): readonly Driver[] {
  const wanted = name?.toLowerCase();
  if (!wanted || (foreign.has(wanted) && !dialect.drivers.some((driver) => driver.package === wanted)))
    return dialect.drivers;
  const chosen = dialect.drivers.filter((driver) => driver.package === wanted || driver.client === wanted);
  if (chosen.length > 0) return chosen;
  const choice = dialect.drivers.map((driver) => driver.package).join(', ');
  throw new ConfigError(
    'invalid_config',
    `driver: knex has no driver "${shown(name!)}" for ${dialect.family}. Leave it out, or write one of ${choice}.`,
  );
}

/** A name as messages show it: what is no name (a password in the wrong place) is not shown. */
function shown(name: string): string {
  return /^[\w-]{1,32}$/.test(name) ? name : '…';
}

function nearest(name: string): string {
  const names = Object.keys(dialects);
  const found = closest(name.toLowerCase(), names);
  if (distance(name.toLowerCase(), found) <= 2) return `Did you mean "${found}"?`;
  return `It speaks postgresql, cockroachdb, redshift, mysql, mariadb, sqlite, mssql and oracle; for another database write a kind of your own: about thirty lines that extend BaseConnection.`;
}
