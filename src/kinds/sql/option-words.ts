import { comparable } from '../../spelling.ts';
import type { Family } from './dialects.ts';

/**
 * The fate of an option: the driver takes it as it is; hotline reads it; it changes nothing here; it is left out with a
 * warning; it is refused, as something else would happen than it asks for.
 */
export type Fate = 'driver' | 'read' | 'idle' | 'warned' | 'refused';

/** Options of one fate. Case, `-`, `_` and spaces in a name count for nothing. */
export interface OptionWords {
  readonly names: readonly string[];
  readonly fate: Fate;
  /** Its meaning here, or what to write instead. */
  readonly says: string;
  /** The values that ask for what happens anyhow; by default those that switch it off. */
  readonly fine: RegExp;
}

const words = (fate: Fate, names: string, says: string, fine = off): OptionWords => ({
  names: names.split(/\s+/),
  fate,
  says,
  fine,
});

const driver = (names: string): OptionWords => words('driver', names, 'the driver takes it');
const off = /^(0|false|no|off|any|disable|)$/i;
const never = /(?!)/;
const on = /^(1|true|yes|on)$/i;
const utf8 = /^(utf-?8(mb[34])?|unicode|auto)$/i;
const files = 'write the options themselves: option files are not read';
const noWindows = 'the driver has no Windows login: write username and password';
const noKerberos = 'the driver has no Kerberos: write username and password';
const callTime = "write query_timeout = '30s' beside the url";
const poolTable = 'write max into the table knex.pool';
const namedBeside = 'it is a setting of the connection: write it beside the url';
const schema = 'write database, or the name of the schema into the statements';

/** Options of every family; those of a family itself come first. */
const common: readonly OptionWords[] = [
  words('refused', 'schema search_path currentSchema', schema),
  words(
    'refused',
    'isolation_level',
    "ask for it per transaction: transaction(fn, { isolation: 'serializable' })",
    /^(autocommit|none|)$/i,
  ),
  words('refused', 'autocommit', 'write autocommit = false beside the url', on),
  words(
    'refused',
    'prepare on_connect busy_timeout bigint query_ttl query_timeout max_rows credentials',
    namedBeside,
    never,
  ),
  words(
    'refused',
    'ttl idleTimeout maxEntries openTimeout drainTimeout closeTimeout retry',
    'it is a policy: write it beside the url',
    never,
  ),
  words('refused', 'odbc_connect', 'write host, port, username, password and database'),
  words('refused', 'trusted_connection integrated_security', noWindows),
  words('refused', 'service servicefile', 'write host, port, username and database: service files are not read'),
  words('refused', 'passfile', 'write password, or password = "${file:…}"'),
  words('refused', 'hostaddr', 'write host'),
  words('refused', 'target_session_attrs', 'write the host of the server that is meant'),
  words('refused', 'load_balance_hosts failover', 'write one host'),
  words('refused', 'require_auth', 'leave it out: the driver takes what the server asks for'),
  words('refused', 'init_command', 'write on_connect'),
  words('refused', 'read_default_file read_default_group defaults_file option_files', files),
  words('refused', 'connectionString uri dsn', 'write url'),
  words('idle', 'pool_pre_ping echo', 'it changes nothing here'),
  words('warned', 'pool_size max_overflow pool_timeout pool_recycle', 'write it into create_engine_kwargs'),
  words(
    'warned',
    'max min connectionLimit connection_limit maxIdle queueLimit idleTimeoutMillis maxUses',
    poolTable,
    never,
  ),
  words('warned', 'command_timeout socket_timeout read_timeout write_timeout', callTime),
  words(
    'warned',
    'client_encoding characterEncoding encoding nencoding',
    'text goes to the driver as Unicode: leave it out',
    utf8,
  ),
];

const postgresql: readonly OptionWords[] = [
  driver('application_name fallback_application_name replication query_timeout'),
  driver('statement_timeout lock_timeout idle_in_transaction_session_timeout'),
  driver('connectionTimeoutMillis keepAlive keepAliveInitialDelayMillis scramMaxIterations enableChannelBinding'),
  driver('binary pipeline types stream Promise connection'),
  words('read', 'connect_timeout timeout', 'how long a login may take, in seconds'),
  words('read', 'options server_settings', 'settings of the session, which the server takes at the login'),
  words('read', 'schema search_path currentSchema', 'the search path'),
  words('read', 'keepalives', 'keepAlive; it is on'),
  words('read', 'keepalives_idle', 'keepAliveInitialDelayMillis, in seconds'),
  words('idle', 'pgbouncer', 'a pooler is found out without it'),
  words(
    'warned',
    'keepalives_interval keepalives_count tcp_user_timeout',
    'Node.js has no such option of a socket: leave it out',
  ),
  words(
    'warned',
    'prepare_threshold statement_cache_size prepared_statement_cache_size',
    'write prepare = false beside the url, where named statements do not hold',
    never,
  ),
  words('warned', 'krbsrvname gsslib gssdelegation', noKerberos),
  words(
    'warned',
    'min_protocol_version max_protocol_version',
    'the driver speaks version 3.0 of the protocol: leave it out',
    /^3\.0$/,
  ),
  words('refused', 'requirepeer', 'prove who answers by TLS: sslmode = verify-full'),
  words('refused', 'scram_client_key scram_server_key', 'write password'),
  words('refused', 'oauth_issuer oauth_client_id oauth_client_secret oauth_scope', 'write credentials'),
  words('refused', 'timezone', 'write on_connect = "set time zone …"'),
];

const mysql: readonly OptionWords[] = [
  driver(
    'charset charsetNumber compress connectTimeout timezone dateStrings typeCast jsonStrings nestTables rowsAsArray',
  ),
  driver('bigNumberStrings supportBigNumbers decimalNumbers stringifyObjects namedPlaceholders multipleStatements'),
  driver('enableKeepAlive keepAliveInitialDelay localAddress socketPath maxPreparedStatements gracefulEnd disableEval'),
  driver(
    'flags insecureAuth enableCleartextPlugin password1 password2 password3 passwordSha1 connectAttributes debug trace',
  ),
  driver('authPlugins authSwitchHandler infileStreamFactory queryFormat stream Promise'),
  words('read', 'connect_timeout', 'how long a login may take, in seconds'),
  words('read', 'unix_socket', 'socketPath'),
  words('read', 'bind_address', 'localAddress'),
  words('read', 'init_command', 'a statement for each connection'),
  words('read', 'program_name', 'the name of the program'),
  words(
    'idle',
    'use_unicode useUnicode use_pure buffered consume_results binary_prefix defer_connect cursorclass',
    'it changes nothing here',
  ),
  words(
    'idle',
    'parseTime rewriteBatchedStatements allowPublicKeyRetrieval get_warnings pool_name',
    'it changes nothing here',
  ),
  words('warned', 'idleTimeout resetOnRelease waitForConnections', poolTable, never),
  words(
    'warned',
    'local_infile allow_local_infile permitLocalInfile',
    'no file of this machine is read: insertRows sends rows',
  ),
  words('warned', 'max_allowed_packet', 'that of the server is asked for: leave it out'),
  words('warned', 'collation', 'write charset, which takes the name of a collation too'),
  words('warned', 'client_flag', 'write flags', never),
  words('warned', 'conn_attrs', 'write connectAttributes into the table knex.connection'),
  words('warned', 'auth_plugin default_auth', 'the driver takes what the server asks for: leave it out'),
  words('warned', 'multi_statements allowMultiQueries', 'execute takes several statements without it'),
  words('warned', 'raise_on_warnings', 'warnings of the server are events: leave it out'),
  words('refused', 'serverTimezone loc', 'write timezone'),
  words('refused', 'named_pipe', 'write host, or unix_socket'),
  words('refused', 'time_zone', 'write on_connect = "set time_zone = …"'),
  words('refused', 'sql_mode', 'write on_connect = "set sql_mode = …"'),
];

const sqlite: readonly OptionWords[] = [
  words('read', 'mode', 'ro: nothing is written; rw: the file has to be there; rwc; memory'),
  words('read', 'immutable readonly', 'nothing is written'),
  words('read', 'fileMustExist', 'the file has to be there'),
  words('read', 'timeout', 'how long a statement waits for a lock, in seconds'),
  words('idle', 'uri', 'a path may have options in any case'),
  words('idle', 'check_same_thread cached_statements factory', 'it changes nothing here'),
  words(
    'warned',
    'cache',
    'an instance has one connection, which shares its cache with nobody: leave it out',
    /^private$/i,
  ),
  words('warned', 'detect_types', 'values are read as the page "Values" says: leave it out'),
  words('refused', 'vfs nolock psow modeof', 'the file is opened as SQLite opens files by itself: leave it out'),
  words('refused', 'key hexkey cipher', 'write a statement: on_connect = "pragma key = …"'),
  words('refused', 'authToken syncUrl encryptionKey', 'write it into the table knex.connection.options'),
];

const mssql: readonly OptionWords[] = [
  driver('type domain token clientId clientSecret tenantId requestTimeout connectionTimeout'),
  words('read', 'connect_timeout login_timeout', 'how long a login may take, in seconds'),
  words('read', 'app appname application_name', 'the name of the program'),
  words('read', 'ApplicationIntent', 'ReadOnly: a secondary of an availability group may answer', /^read_?write$/i),
  words('read', 'MultiSubnetFailover', 'all addresses of the host are tried at once'),
  words(
    'idle',
    'driver tds_version LongAsMax AutoTranslate fast_executemany as_dict conn_properties',
    'it changes nothing here',
  ),
  words('idle', 'charset', 'text is Unicode'),
  words('warned', 'timeout', 'write connect_timeout, or query_timeout beside the url'),
  words('warned', 'MARS_Connection', 'each connection runs one statement: leave it out'),
  words('refused', 'authentication', 'write type as tedious names it, such as azure-active-directory-password'),
  words('refused', 'failover_partner', 'write the host of the server that is meant'),
  words('refused', 'language', 'write on_connect = "set language …"'),
  words('refused', 'uid pwd', 'write username and password'),
];

const oracle: readonly OptionWords[] = [
  words('read', 'service_name', 'the service'),
  words('idle', 'arraysize auto_convert_lobs coerce_to_decimal threaded events', 'it changes nothing here'),
  words(
    'warned',
    'connect_timeout tcp_connect_timeout retry_count retry_delay expire_time',
    'write it into knex.connection.connectString',
  ),
  words('warned', 'cclass purity', 'the pool is that of hotline: leave it out'),
  words('refused', 'sid', 'write database, the name of the service'),
  words('refused', 'mode privilege', 'write privilege into the table knex.connection'),
];

/** The options of each family, which go before those of all. The tables in the docs are printed from them. */
export const ownOptions: Readonly<Record<Family, readonly OptionWords[]>> = {
  postgresql,
  mysql,
  sqlite,
  mssql,
  oracle,
};
export { common as commonOptions };

/** An option as it is spelt, or else the only one that is spelt alike: `connectTimeout` of mysql2 is not `connect_timeout`. */
export function optionNamed(name: string, family: Family): OptionWords | undefined {
  for (const list of [ownOptions[family], common]) {
    const found =
      list.find(({ names }) => names.includes(name)) ??
      list.find(({ names }) => names.some((known) => comparable(known) === comparable(name)));
    if (found) return found;
  }
  return undefined;
}
