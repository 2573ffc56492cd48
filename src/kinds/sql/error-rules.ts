import type { ErrorCategory } from '../../errors/index.ts';

/** The category of the errors of one code. */
export interface ErrorRule {
  /** Whose errors: `any` is Node.js itself. */
  readonly of: 'postgresql' | 'mysql' | 'sqlite' | 'mssql' | 'oracle' | 'any';
  /** The SQLSTATE, errno or code it is about; a pattern for a class of them. */
  readonly code: RegExp;
  /** Words of the message, where the code alone says too little. */
  readonly text?: RegExp;
  readonly category: ErrorCategory;
  /** The connection it ran on is gone; whether the instance is, a fresh connection says. */
  readonly lost?: true;
  /** A transaction lost against another one: all of it may succeed when it is run again. */
  readonly conflict?: true;
  readonly meaning: string;
}

/** The categories of the errors of every driver; the first rule that matches decides. The table in the docs is printed from it. */
export const errorRules: readonly ErrorRule[] = [
  { of: 'postgresql', code: /^28/, category: 'auth', meaning: 'wrong password, no such role, refused by pg_hba.conf' },
  {
    of: 'postgresql',
    code: /^08P01$/,
    text: /authentication failed|no such user|login rejected/,
    category: 'auth',
    meaning: 'a pooler refuses the login',
  },
  {
    of: 'postgresql',
    code: /^08P01$/,
    text: /^database .* does not exist|no such database|unsupported startup parameter/,
    category: 'config',
    meaning: 'a pooler knows no such database, or takes no such startup parameter',
  },
  {
    of: 'postgresql',
    code: /^08P01$/,
    text: /^(query|transaction|idle transaction) timeout$|^idle_transaction_timeout$/,
    category: 'timeout',
    lost: true,
    meaning: "a pooler's own time limit for statements and transactions",
  },
  {
    of: 'postgresql',
    code: /^08P01$/,
    text: /no more connections allowed|too many client connections|query_wait_timeout|client_(idle|login)_timeout|login has been failing|cannot connect to server|shut down|shutting down|database removed|server conn crashed/,
    category: 'transient',
    lost: true,
    meaning: 'a pooler has no connection to give, or cannot reach its server',
  },
  {
    of: 'postgresql',
    code: /^08P01$/,
    category: 'query',
    lost: true,
    meaning: 'the server cannot read the statement: too many values, or too long',
  },
  {
    of: 'postgresql',
    code: /^08|^57P0[1-5]$/,
    category: 'transient',
    lost: true,
    meaning: 'connection broken, server stopping or starting',
  },
  {
    of: 'postgresql',
    code: /^25P0[34]$/,
    category: 'timeout',
    lost: true,
    meaning: "the server's own time limit for transactions, idle or not",
  },
  {
    of: 'postgresql',
    code: /^40(001|P01)$/,
    category: 'transient',
    conflict: true,
    meaning: 'serialization failure, deadlock',
  },
  { of: 'postgresql', code: /^40003$/, category: 'transient', meaning: 'nobody knows whether the statement has run' },
  {
    of: 'postgresql',
    code: /^53(?!400)|^58(?!P0[12])/,
    category: 'transient',
    meaning: 'out of connections, memory or disk; system error',
  },
  {
    of: 'postgresql',
    code: /^55P03$/,
    category: 'timeout',
    meaning: "the server's own time limit for locks, NOWAIT",
  },
  {
    of: 'postgresql',
    code: /^57014$/,
    text: /statement timeout/,
    category: 'timeout',
    meaning: "the server's own time limit for statements",
  },
  {
    of: 'postgresql',
    code: /^57014$/,
    text: /^COPY .*failed/,
    category: 'query',
    meaning: 'a COPY that nobody feeds, which the client ends by the message of a cancel',
  },
  { of: 'postgresql', code: /^57014$/, category: 'cancelled', meaning: 'statement cancelled' },
  { of: 'postgresql', code: /^3D000$/, category: 'config', meaning: 'no such database' },
  {
    of: 'mysql',
    code: /^(1044|1045|1130|1251|1524|1698|1820|1862|3118|4151)$/,
    category: 'auth',
    meaning: 'access denied, unknown plugin, password expired, account locked',
  },
  { of: 'mysql', code: /^1049$/, category: 'config', meaning: 'no such database' },
  {
    of: 'mysql',
    code: /^(1153|1835|2020)$/,
    category: 'query',
    lost: true,
    meaning: 'the statement is longer than max_allowed_packet, or cannot be read',
  },
  {
    of: 'mysql',
    code: /^(1053|1077|1080|1152|1154|1155|1156|1157|1158|1159|1160|1161|1184|1927|2002|2003|2006|2013|2055|4031)$/,
    category: 'transient',
    lost: true,
    meaning: 'connection broken or killed, server stopping',
  },
  { of: 'mysql', code: /^(1040|1203|1226)$/, category: 'transient', meaning: 'too many connections' },
  {
    of: 'mysql',
    code: /^(1213|1020|1412)$/,
    category: 'transient',
    conflict: true,
    meaning: 'deadlock, record changed, table changed',
  },
  { of: 'mysql', code: /^1615$/, category: 'transient', meaning: 'a table changed under a prepared statement' },
  { of: 'mysql', code: /^1317$/, category: 'cancelled', meaning: 'statement cancelled' },
  {
    of: 'mysql',
    code: /^1205$/,
    category: 'timeout',
    conflict: true,
    meaning: "the server's own time limit for locks",
  },
  {
    of: 'mysql',
    code: /^(1969|3024|3572)$/,
    category: 'timeout',
    meaning: "the server's own time limit for statements, NOWAIT",
  },
  {
    of: 'mysql',
    code: /^(PROTOCOL_CONNECTION_LOST|PROTOCOL_SEQUENCE_TIMEOUT|PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR|ER_SOCKET_UNEXPECTED_CLOSE|ER_CMD_CONNECTION_CLOSED)$/,
    category: 'transient',
    lost: true,
    meaning: 'connection broken',
  },
  {
    of: 'sqlite',
    code: /^SQLITE_(BUSY|LOCKED)/,
    category: 'transient',
    conflict: true,
    meaning: 'the file is locked by another connection',
  },
  {
    of: 'sqlite',
    code: /^SQLITE_(CANTOPEN|NOTADB|CORRUPT)/,
    category: 'config',
    meaning: 'the file cannot be opened or is no database',
  },
  { of: 'sqlite', code: /^SQLITE_(IOERR|NOMEM|FULL)/, category: 'transient', meaning: 'the disk or the memory failed' },
  { of: 'sqlite', code: /^SQLITE_INTERRUPT/, category: 'cancelled', meaning: 'statement cancelled' },
  { of: 'sqlite', code: /^SQLITE_/, category: 'query', meaning: 'everything else that SQLite refuses' },
  {
    of: 'mssql',
    code: /^(ELOGIN|18452|18456|18470|18487|18488)$/,
    category: 'auth',
    meaning: 'login failed, password expired',
  },
  { of: 'mssql', code: /^4060$/, category: 'config', meaning: 'no such database' },
  {
    of: 'mssql',
    code: /^(1205|3960)$/,
    category: 'transient',
    conflict: true,
    meaning: 'deadlock, snapshot conflict',
  },
  {
    of: 'mssql',
    code: /^(40197|40501|40613|49918|49919|49920|10928|10929)$/,
    category: 'transient',
    meaning: 'busy',
  },
  { of: 'mssql', code: /^1222$/, category: 'timeout', meaning: "the server's own time limit for locks" },
  {
    of: 'mssql',
    code: /^(ESOCKET|ECONNCLOSED|EINSTLOOKUP)$/,
    category: 'transient',
    lost: true,
    meaning: 'connection broken',
  },
  { of: 'mssql', code: /^ETIMEOUT$/, category: 'timeout', meaning: "the driver's own time limit" },
  { of: 'mssql', code: /^ECANCEL$/, category: 'cancelled', meaning: 'statement cancelled' },
  {
    of: 'oracle',
    code: /^ORA-0*(1005|1017|28000|28001)$/,
    category: 'auth',
    meaning: 'wrong password, account locked, password expired',
  },
  { of: 'oracle', code: /^ORA-0*(12154|12514|12505)$/, category: 'config', meaning: 'no such service' },
  {
    of: 'oracle',
    code: /^(ORA-0*(28|1012|1033|1034|1089|3113|3114|3135|12170|12528|12537|12541|12547)|DPI-10(10|67|80)|NJS-(003|500|501|503|510|511))$/,
    category: 'transient',
    lost: true,
    meaning: 'connection broken, server stopping or starting',
  },
  {
    of: 'oracle',
    code: /^ORA-0*(60|8177)$/,
    category: 'transient',
    conflict: true,
    meaning: 'deadlock, serialization failure',
  },
  { of: 'oracle', code: /^ORA-0*20$/, category: 'transient', meaning: 'too many processes' },
  {
    of: 'oracle',
    code: /^ORA-0*(54|2049|30006)$/,
    category: 'timeout',
    meaning: "the server's own time limit for locks, NOWAIT",
  },
  { of: 'oracle', code: /^ORA-0*1013$/, category: 'cancelled', meaning: 'statement cancelled' },
  { of: 'oracle', code: /^ORA-/, category: 'query', meaning: 'everything else that Oracle refuses' },
  {
    of: 'any',
    code: /^(ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|ENETDOWN|ENETUNREACH|EHOSTDOWN|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN|ERR_STREAM_DESTROYED|ERR_STREAM_WRITE_AFTER_END)$/,
    category: 'transient',
    lost: true,
    meaning: 'the network or the name of the host',
  },
  {
    of: 'any',
    code: /^(CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT|UNABLE_TO_|ERR_TLS_|ERR_SSL_|EPROTO)/,
    category: 'config',
    meaning: 'the certificate of the server, or the TLS settings',
  },
  {
    of: 'any',
    code: /^(?=.*\d)[0-9A-Z]{5}$/,
    category: 'query',
    meaning: 'every other SQLSTATE: the statement is refused',
  },
  { of: 'any', code: /^\d{4,5}$/, category: 'query', meaning: 'every other error number of a server' },
];
