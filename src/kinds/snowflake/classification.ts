import type { ErrorCategory } from '../../errors/index.ts';

/** One row of the table: how an error of the driver is recognised, and what is done about it. */
export interface SnowflakeErrorRule {
  /** `code` of the error, and after a slash the code of its cause or the HTTP status. Codes of the driver are numbers, codes of the server text. */
  readonly code: RegExp;
  readonly category: ErrorCategory;
  /** The session is gone: the instance is replaced, and a read is sent again on the new one. */
  readonly lost?: true;
  /** With credentials that can be renewed it is `transient` and `lost`: they are asked for anew. */
  readonly renewable?: true;
  readonly meaning: string;
}

/** The rules by which errors of the driver and the server are classified; the first that matches decides. The table in the docs is printed from them. */
export const snowflakeErrors: readonly SnowflakeErrorRule[] = [
  { code: /^ABANDONED/, category: 'transient', lost: true, meaning: 'the driver would have waited for ever' },
  { code: /^407002/, category: 'transient', lost: true, meaning: 'the session is gone, or cannot be renewed' },
  { code: /^401004/, category: 'transient', lost: true, meaning: 'HTTP 401: the session is gone' },
  {
    code: /^(390104|390110|390111|390112|390113|390114|390115|390400)$/,
    category: 'transient',
    lost: true,
    meaning: 'the session, or the token that renews it, is expired or not found',
  },
  {
    code: /^(390318|390303|390195)$/,
    category: 'auth',
    renewable: true,
    meaning: 'the OAuth or id token is expired or invalid',
  },
  {
    code: /^39[045]\d{3}$/,
    category: 'auth',
    meaning: 'the login is refused: password, second factor, key, token, role, network policy, or the user is locked',
  },
  {
    code: /^OAUTH_/,
    category: 'auth',
    meaning: 'the token service refuses the client, the code or the refresh token',
  },
  { code: /^401001\/ERR_CANCELED/, category: 'cancelled', meaning: 'the request was stopped here' },
  {
    code: /^(?:401001\/)?(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN)/,
    category: 'transient',
    lost: true,
    meaning: 'the server is not reached; nothing was run',
  },
  {
    code: /^(?:401001\/)?(ECONNRESET|ETIMEDOUT|EPIPE|ECONNABORTED|ERR_BAD_RESPONSE|ERR_NETWORK|HPE_\w+)/,
    category: 'transient',
    lost: true,
    meaning: 'lost in flight; a statement may have run',
  },
  {
    code: /^(?:401001\/)?(CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT|UNABLE_TO_|ERR_TLS_|ERR_SSL_|EPROTO)/,
    category: 'config',
    meaning: 'the certificate of the server',
  },
  {
    code: /^401001\/GARBLED/,
    category: 'transient',
    lost: true,
    meaning: 'an answer that is not one of Snowflake: a page of a proxy, a part of an answer, nothing',
  },
  {
    code: /^(401001|401003)/,
    category: 'query',
    meaning: 'an answer of Snowflake that the driver cannot read: nothing is repeated',
  },
  {
    code: /^401002\/(408|429|5\d\d)/,
    category: 'transient',
    lost: true,
    meaning: 'the server is overloaded or restarting',
  },
  { code: /^401002/, category: 'config', meaning: 'HTTP 4xx: wrong account, host or path' },
  { code: /^402001/, category: 'transient', lost: true, meaning: 'a part of the result cannot be downloaded' },
  { code: /^402002/, category: 'transient', meaning: 'the storage refuses a part of the result' },
  { code: /^(407001|40550[123]|40650[12])/, category: 'transient', lost: true, meaning: 'the session is not open' },
  { code: /^(403|404|405|409|410)\d{3}/, category: 'config', meaning: 'the driver refuses a setting or an argument' },
  { code: /^(ENOENT|EACCES|EISDIR|ERR_OSSL_)/, category: 'config', meaning: 'a key or token file cannot be read' },
  { code: /^000630$/, category: 'timeout', meaning: 'the time limit of the account or the warehouse for statements' },
  { code: /^000604$/, category: 'cancelled', meaning: 'the statement was cancelled' },
  {
    code: /^(000605|000607|000625|000629|000639|000640)$/,
    category: 'transient',
    meaning: 'the statement is no longer there, or the warehouse is overloaded',
  },
  { code: /^sqlstate\/08/, category: 'transient', lost: true, meaning: 'every other error of class 08: connection' },
  { code: /^sqlstate\/57014/, category: 'cancelled', meaning: 'the statement was cancelled' },
  { code: /^sqlstate\//, category: 'query', meaning: 'every other SQLSTATE: the statement is refused' },
  { code: /^\d{5,6}$/, category: 'query', meaning: 'every other error of the server' },
];

interface Verdict {
  readonly category: ErrorCategory;
  readonly lost: boolean;
}

/** Classifies an error of the driver; `undefined` when nothing is known about it. `renewable`: whether the credentials can be asked for anew. */
export function classify(error: unknown, renewable = false): Verdict | undefined {
  const names = namesOf(error);
  const rule = snowflakeErrors.find(({ code }) => names.some((name) => code.test(name)));
  if (!rule) return undefined;
  if (rule.renewable && renewable) return { category: 'transient', lost: true };
  return { category: rule.category, lost: rule.lost === true };
}

/** The names of an error that the rules are matched with, the most specific first. */
function namesOf(error: unknown): string[] {
  const { code, sqlState, cause, response } = (error ?? {}) as Record<string, unknown>;
  const names: string[] = [];
  const inner = (cause as { code?: unknown } | undefined)?.code;
  const { statusCode: status, body } = (response ?? {}) as { statusCode?: unknown; body?: unknown };
  // A refusal may come with an HTTP status of its own, as that of an account which does not exist.
  const told = typeof body === 'string' ? /"code"\s*:\s*"(39\d{4})"/.exec(body)?.[1] : undefined;
  if (told !== undefined) names.push(told);
  if (isName(code)) {
    if (isName(inner)) names.push(`${code}/${inner}`);
    else if (isName(status)) names.push(`${code}/${status}`);
    else names.push(String(code));
  }
  if (isName(sqlState)) names.push(`sqlstate/${sqlState}`);
  return names;
}

function isName(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}
