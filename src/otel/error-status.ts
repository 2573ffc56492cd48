import type { Attributes } from '@opentelemetry/api';
import { QueryError, type HotlineError } from '../index.ts';
import { errorType, responseStatus } from './names.ts';

/**
 * The attributes of an error: the server's own code as `db.response.status_code`, where it sent one, and as `error.type`, which
 * is the code of hotline where it did not. It is the number of the error for MySQL, MariaDB, SQL Server and
 * Oracle, the name of the result code for SQLite, and the SQLSTATE for all others.
 */
export function statusOf(error: HotlineError): Attributes {
  const status = serverCode(error);
  return { [errorType]: status ?? error.code, ...(status !== undefined && { [responseStatus]: status }) };
}

function serverCode(error: HotlineError): string | undefined {
  if (!(error instanceof QueryError)) return undefined;
  if (error.errorNumber !== undefined) return String(error.errorNumber);
  const { code } = (error.cause ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : error.sqlState;
}
