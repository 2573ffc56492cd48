import type { Settings } from '../base/index.ts';
import { opensFile, queryReadsFiles, urlReadsFiles } from './local-files.ts';
import { parseUrl } from './url.ts';

const text = { type: 'string' };
const table = { type: 'object' };

/** The settings of a SQL connection: Streamlit's, and two tables for everything else. */
export const sqlSettings: Settings = {
  url: {
    place: true,
    description:
      'The whole of it: dialect+driver://username:password@host:port/database?option=value, or sqlite:///file.db.',
    local: urlReadsFiles,
    schema: text,
  },
  dialect: {
    place: true,
    public: true,
    description: 'Which database: postgresql, cockroachdb, redshift, mysql, mariadb, sqlite, mssql or oracle.',
    schema: text,
  },
  driver: {
    place: true,
    public: true,
    description:
      'The package that speaks to it, where there is a choice: mysql2 or mariadb, better-sqlite3, libsql or sqlite3. The name of a Python driver is ignored.',
    schema: text,
  },
  username: { place: true, description: 'Who connects.', schema: text },
  password: { place: true, description: 'The password; special characters are taken as they are.', schema: text },
  host: { place: true, public: true, description: 'The server.', schema: text },
  port: {
    place: true,
    public: true,
    description: 'The port of the server, 1 to 65535.',
    schema: {
      anyOf: [
        { type: 'integer', minimum: 1, maximum: 65_535 },
        { type: 'string', pattern: '^\\d{1,5}$' },
      ],
    },
  },
  database: {
    place: true,
    public: true,
    description: 'The database on the server; for SQLite a file, or ":memory:".',
    local: opensFile,
    schema: text,
  },
  filename: {
    place: true,
    public: true,
    description: 'The file of SQLite; another name for `database`.',
    local: opensFile,
    schema: text,
  },
  query: {
    place: true,
    description: 'Options of the driver, as in the query of a URL: sslmode, charset, application_name and so on.',
    local: queryReadsFiles,
    schema: table,
  },
  ssl: { description: 'TLS options for the driver: true, false, or a table.', schema: { type: ['boolean', 'object'] } },
  autocommit: {
    public: true,
    description:
      'true (the default): each statement outside `transaction` commits by itself. false: nothing is written outside `transaction`.',
    schema: { type: 'boolean' },
  },
  knex: {
    description:
      'Options of knex, merged deeply over what hotline sets: pool, searchPath, acquireConnectionTimeout, connection and so on.',
    local: opensFile,
    schema: table,
  },
  query_ttl: {
    public: true,
    description: "How long results are cached when a query does not say: a duration such as '10m'.",
    schema: text,
  },
  query_timeout: {
    public: true,
    description: "How long a call may take when it does not say: a duration such as '30s'.",
    schema: text,
  },
  max_rows: { public: true, description: 'More rows than this are an error.', schema: { type: 'integer', minimum: 1 } },
  create_engine_kwargs: {
    description:
      "SQLAlchemy's options: pool_size, max_overflow, pool_timeout, pool_recycle and connect_args are understood.",
    schema: table,
  },
};

/** Settings that leave the data of a query alone. */
const immaterial = new Set(
  'password knex create_engine_kwargs ssl autocommit query_ttl queryTtl query_timeout queryTimeout max_rows maxRows'.split(
    ' ',
  ),
);

/** The settings that decide which data a query sees; a URL counts by its parts, without its password. */
export function materialOf(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept = Object.entries(config).filter(([name]) => !immaterial.has(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, name === 'url' ? partsOf(value) : value]));
}

function partsOf(url: unknown): unknown {
  try {
    const { password: _password, ...parts } = parseUrl(String(url));
    return parts;
  } catch {
    // No instance is opened with it, so nothing is cached under it.
    return url;
  }
}
