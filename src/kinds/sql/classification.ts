import { NoCredentials } from '../../credentials/index.ts';
import { OpenError, type ErrorCategory } from '../../errors/index.ts';

interface Rule {
  /** Whose errors: `any` is Node.js itself. */
  readonly of: 'postgresql' | 'mysql' | 'sqlite' | 'mssql' | 'oracle' | 'any';
  /** The SQLSTATE, errno or code it is about; a pattern for a class of them. */
  readonly code: RegExp;
  readonly category: ErrorCategory;
  /** The connection it ran on is gone; whether the instance is, a fresh connection says. */
  readonly lost?: true;
  /** A transaction lost against another one: all of it may succeed when it is run again. */
  readonly conflict?: true;
  readonly meaning: string;
}

/** The categories of the errors of every driver; the first rule that matches decides. The table in the docs is printed from it. */
export const classification: readonly Rule[] = [
  { of: 'postgresql', code: /^28/, category: 'auth', meaning: 'wrong password, no such role, refused by pg_hba.conf' },
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
    category: 'cancelled',
    meaning: 'statement cancelled (a `timeout` where statement_timeout did it)',
  },
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
    code: /^(1213|1020)$/,
    category: 'transient',
    conflict: true,
    meaning: 'deadlock, record changed',
  },
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

/** Drivers report some broken connections by text only. */
const lostTexts =
  /^Connection terminated|connection error and is not queryable|Connection ended unexpectedly|^timeout expired|Connection lost|in closed state|was terminated|Client was closed/i;
const configTexts =
  /does not support (SSL|secure)|^SASL: .*must be a string|unable to open (connection to local )?database|directory does not exist/i;

interface Verdict {
  readonly category: ErrorCategory;
  readonly lost: boolean;
}

/** Classifies an error of a driver; `undefined` when nothing is known about it. */
export function classify(error: unknown): Verdict | undefined {
  const known = fields(error);
  // PostgreSQL cancels by itself with the code of a cancellation.
  if (known.code === '57014' && /statement timeout/.test(known.message)) return { category: 'timeout', lost: false };
  // A COPY that nobody feeds, which the client ends by the message of a cancel.
  if (known.code === '57014' && /^COPY .*failed/.test(known.message)) return { category: 'query', lost: false };
  const rule = ruleOf(known);
  if (rule) return { category: rule.category, lost: rule.lost === true };
  if (lostTexts.test(known.message)) return { category: 'transient', lost: true };
  return configTexts.test(known.message) ? { category: 'config', lost: false } : undefined;
}

/** True for the error of a transaction that lost against another one. */
export function isConflict(error: unknown): boolean {
  return ruleOf(fields(error))?.conflict === true;
}

function ruleOf({ code, errno, number }: Fields): Rule | undefined {
  return classification.find((rule) =>
    // The numbers of SQL Server mean something else to MySQL.
    [errno, rule.of === 'mysql' ? undefined : number, code].some(
      (value) => value !== undefined && rule.code.test(value),
    ),
  );
}

/** No such database; too many connections. */
const refusedElse = /^(3D000|53300|1049|1040|1203|4060)$/;

/** True where a server refused a connection or could not be reached: it may take the next one. */
export function refusesLogin(error: unknown): boolean {
  if (error instanceof OpenError) return error instanceof NoCredentials || error.category === 'auth';
  const verdict = classify(error);
  if (verdict?.category === 'auth' || (verdict?.category === 'transient' && verdict.lost)) return true;
  const { code, errno, number } = fields(error);
  return [code, errno, number].some((value) => value !== undefined && refusedElse.test(value));
}

interface Fields {
  readonly code: string | undefined;
  readonly errno: string | undefined;
  readonly number: string | undefined;
  readonly message: string;
}

function fields(error: unknown): Fields {
  const known = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>;
  const text = (value: unknown): string | undefined =>
    typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  // A failed connect to several addresses is one error of errors.
  const [first] = known['errors'] instanceof Array ? (known['errors'] as Record<string, unknown>[]) : [];
  const errno = text(known['errno']);
  return {
    code: text(known['code']) ?? text(first?.['code']),
    errno: errno?.startsWith('-') ? undefined : errno,
    number: text(known['number']),
    message: text(known['message']) ?? '',
  };
}
