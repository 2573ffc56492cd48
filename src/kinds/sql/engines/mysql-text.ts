import { QueryError } from '../../../errors/index.ts';
import type { Bound } from '../binds.ts';
import type { DriverConnection } from '../engine.ts';

interface Escaping extends DriverConnection {
  escape(value: unknown): string;
  format?: (sql: string, values: unknown, ...more: unknown[]) => string;
}

/** How the server reads the statements of a connection. */
export interface Mode {
  /** `max_allowed_packet`, in bytes. */
  readonly longest: number;
  /** NO_BACKSLASH_ESCAPES. */
  readonly plain: boolean;
}

/**
 * The text of a statement with its values written into it, here where placeholders are known from quoted text.
 *
 * @throws QueryError `invalid_bind` where the server would refuse it for its length, in bytes, and close the connection.
 */
export function mysqlText(connection: DriverConnection, { text, values }: Bound, { longest, plain }: Mode): string {
  let sql = text[0]!;
  for (let at = 0; at < values.length; at++) sql += escaped(connection as Escaping, values[at], plain) + text[at + 1]!;
  // A character has three bytes at the most; to count them is dear.
  if (sql.length * 3 >= longest && Buffer.byteLength(sql) >= longest)
    throw new QueryError(
      'invalid_bind',
      `the statement with its values is longer than the ${longest} bytes of max_allowed_packet: send it in several parts; \`insertRows\` inserts any number of rows.`,
    );
  return sql;
}

const special = /['\\]/;

/** In the mode NO_BACKSLASH_ESCAPES of a server a backslash is a character like any other; a doubled quote is one in every mode. */
function escaped(connection: Escaping, value: unknown, plain: boolean): string {
  if (value === null) return 'NULL';
  if (typeof value === 'bigint' || typeof value === 'number') return String(value);
  if (typeof value !== 'string') return connection.escape(value);
  if (!special.test(value)) return `'${value}'`;
  const quoted = value.replaceAll("'", "''");
  return `'${plain ? quoted : quoted.replaceAll('\\', '\\\\')}'`;
}

/** Has the driver write the values of others (knex, in a callback of `use`) as the mode of the server wants it. */
export function formatInMode(connection: DriverConnection, plain: () => boolean): void {
  const { format } = connection as Escaping;
  if (!format) return;
  (connection as Escaping).format = (sql, values, ...more) =>
    format.call(connection, sql, plain() ? literal(connection as Escaping, values) : values, ...more);
}

function literal(connection: Escaping, value: unknown): unknown {
  if (typeof value === 'string') return { toSqlString: () => escaped(connection, value, true) };
  if (Array.isArray(value)) return value.map((item) => literal(connection, item));
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, literal(connection, item)]));
}
