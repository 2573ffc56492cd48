import type { CredentialsOption } from '../../credentials/index.ts';
import type { Settings } from '../base/index.ts';
import type { CamelCase } from '../../spelling.ts';
import { reachesMachine } from './local-settings.ts';
import { tlsWords } from './tls-words.ts';
import { shownUrl } from './url.ts';

const text = { type: 'string' };
const whole = { type: 'integer' };
const yes = { type: 'boolean' };

/** Options by name, all of one type: an environment variable has neither their case nor their type. */
const options = (type: object, names: string): Record<string, object> =>
  Object.fromEntries(names.split(/\s+/).map((name) => [name, type]));

/**
 * Options of the drivers whose names have upper case; `typed` reads their values. Those are left out that another word means
 * which is spelt alike, with an underscore: `connect_timeout` is in seconds, and `connectTimeout` in milliseconds.
 */
const ofDrivers = {
  type: 'object',
  properties: options(
    {},
    `connectionTimeoutMillis keepAlive keepAliveInitialDelayMillis scramMaxIterations enableChannelBinding
    keepAliveInitialDelay maxPreparedStatements charsetNumber connectionLimit supportBigNumbers bigNumberStrings
    decimalNumbers stringifyObjects enableKeepAlive insecureAuth multipleStatements rowsAsArray namedPlaceholders
    enableCleartextPlugin jsonStrings gracefulEnd socketPath localAddress requestTimeout connectString`,
  ),
};

const knexOptions = {
  type: 'object',
  properties: {
    pool: {
      type: 'object',
      properties: {
        ...options(
          whole,
          `min max acquireTimeoutMillis createTimeoutMillis destroyTimeoutMillis idleTimeoutMillis reapIntervalMillis
          createRetryIntervalMillis maxConnectionLifetimeMillis maxConnectionLifetimeJitterMillis`,
        ),
        propagateCreateError: yes,
      },
    },
    searchPath: { type: ['string', 'array'] },
    acquireConnectionTimeout: whole,
    ...options(yes, 'useNullAsDefault asyncStackTraces debug compileSqlOnError'),
    connection: ofDrivers,
  },
};

const engineOptions = {
  type: 'object',
  properties: {
    ...options(whole, 'pool_size max_overflow pool_recycle'),
    pool_timeout: { type: 'number' },
    connect_args: ofDrivers,
  },
};

/** The settings of a SQL connection: Streamlit's, and two tables for everything else. */
const ownSettings = {
  url: {
    locates: true,
    description:
      'The whole of it: dialect+driver://username:password@host:port/database?option=value, or sqlite:///file.db.',
    local: reachesMachine('url'),
    shown: shownUrl,
    schema: text,
  },
  dialect: {
    locates: true,
    public: true,
    description: 'Which database: postgresql, cockroachdb, redshift, mysql, mariadb, sqlite, mssql or oracle.',
    schema: text,
  },
  driver: {
    locates: true,
    public: true,
    description:
      'The package that speaks to it, where there is a choice: mysql2 or mariadb, better-sqlite3, libsql, sqlite3 or node:sqlite. The name of a Python driver is ignored.',
    schema: text,
  },
  username: { locates: true, description: 'Who connects.', schema: text },
  password: { locates: true, description: 'The password; special characters are taken as they are.', schema: text },
  credentials: {
    description:
      'Instead of a password: the name of a provider of `createConnections({ credentials })`; in code, a provider itself.',
    schema: text,
  },
  host: {
    locates: true,
    public: true,
    description: 'The server.',
    local: reachesMachine('host'),
    schema: text,
  },
  port: {
    locates: true,
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
    locates: true,
    public: true,
    description: 'The database on the server; for SQLite a file, or ":memory:".',
    local: reachesMachine('database'),
    schema: text,
  },
  filename: {
    locates: true,
    public: true,
    description: 'The file of SQLite; another name for `database`.',
    local: reachesMachine('filename'),
    schema: text,
  },
  query: {
    locates: true,
    description: 'Options of the driver, as in the query of a URL: sslmode, charset, application_name and so on.',
    local: reachesMachine('query'),
    schema: ofDrivers,
  },
  ssl: {
    description: 'TLS: true, false, a mode such as require or verify-full, or a table of options.',
    local: reachesMachine('ssl'),
    schema: { type: ['boolean', 'string', 'integer', 'object'] },
  },
  autocommit: {
    public: true,
    description:
      'true (the default): each statement outside `transaction` commits by itself. false: nothing is written outside `transaction`.',
    schema: { type: 'boolean' },
  },
  prepare: {
    public: true,
    description:
      'PostgreSQL: true (the default) prepares statements that come again, unless a pooler is in between; false never does.',
    schema: { type: 'boolean' },
  },
  on_connect: {
    description:
      'Statements for each new connection of the pool, before anybody uses it: set role, set time zone, pragma. A text, or a list of texts.',
    local: reachesMachine('on_connect'),
    schema: { anyOf: [text, { type: 'array', items: text }] },
  },
  busy_timeout: {
    inCode: 'busyTimeout',
    public: true,
    description:
      "SQLite: how long a statement waits for a lock of somebody else, a duration such as '10s'. Default 5s.",
    schema: text,
  },
  bigint: {
    public: true,
    description:
      'What an integer is read as that a number does not hold exactly: "text" (the default) or "bigint". All others are numbers.',
    schema: { enum: ['text', 'bigint'] },
  },
  knex: {
    description:
      'Options of knex, merged deeply over what hotline sets: pool, searchPath, acquireConnectionTimeout, connection and so on.',
    local: reachesMachine('knex'),
    public: ['pool', 'searchPath', 'acquireConnectionTimeout'],
    schema: knexOptions,
  },
  query_ttl: {
    inCode: 'queryTtl',
    public: true,
    description: "How long results are cached when a query does not say: a duration such as '10m'.",
    schema: text,
  },
  query_timeout: {
    inCode: 'queryTimeout',
    public: true,
    description: "How long a call may take when it does not say: a duration such as '30s'.",
    schema: text,
  },
  max_rows: {
    inCode: 'maxRows',
    public: true,
    description: 'More rows than this are an error.',
    schema: { type: 'integer', minimum: 1 },
  },
  create_engine_kwargs: {
    description:
      "SQLAlchemy's options: pool_size, max_overflow, pool_timeout, pool_recycle and connect_args are understood.",
    local: reachesMachine('create_engine_kwargs'),
    public: ['pool_size', 'max_overflow', 'pool_recycle', 'pool_timeout'],
    schema: engineOptions,
  },
} satisfies Settings;

/** The names of the words about TLS, as far as the type checker tells them apart. */
type TlsName =
  | `${'ssl' | 'tls' | 'encrypt' | 'trust' | 'verify' | 'use_ssl' | 'useSSL' | 'require' | 'server'}${string}`
  | `${'ca' | 'cert' | 'key' | 'pfx' | 'cipher' | 'ciphers' | 'mode' | 'profile' | 'protocol'}`
  | `${'channel_binding' | 'check_hostname' | 'direct_tls' | 'enabledTLSProtocols' | 'gssencmode' | 'wallet_location'}`
  | `${'columnEncryption' | 'hostNameInCertificate' | 'rejectUnauthorized' | 'uselibpqcompat'}`;

/**
 * The params of a SQL connection by name, for the type checker: every setting of a section in its own spelling or in
 * camelCase. What is no setting goes into `params`.
 */
export type SqlParams = {
  readonly [
    Name in Exclude<keyof typeof ownSettings | CamelCase<keyof typeof ownSettings> | TlsName, 'credentials'>
  ]?: unknown;
} & {
  /** The provider of the password, or its name. It is no part of the identity. */
  readonly credentials?: CredentialsOption | string | undefined;
};

/** Words about TLS may stand beside `host`, too. */
const besideHost = Object.values(tlsWords)
  .flat()
  .flatMap(({ names, says }) => names.map((name) => [name, says] as const))
  .map(([name, says]) => [name, { description: `TLS: ${says}.`, local: reachesMachine(name), schema: {} }] as const);

/** Every setting of a SQL connection. */
export const sqlSettings: Settings = { ...Object.fromEntries(besideHost), ...ownSettings };
