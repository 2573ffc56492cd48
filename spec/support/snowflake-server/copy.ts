import { gunzipSync } from 'node:zlib';
import type { DuckDBConnection } from '@duckdb/node-api';
import { bind, type Bindings } from './binds.ts';
import { textType, fixedType } from './columns.ts';
import { StatementError } from './refusal.ts';
import { literal, type Result } from './result.ts';
import type { Session } from './session.ts';
import { sqlError } from './sqlErrors.ts';

type Line = (string | null)[];

/** A COPY INTO from a stage. */
export interface Copy {
  /** The table and its columns. */
  readonly into: string;
  /** Expressions of `$1`, `$2`. */
  readonly values: string;
  readonly files: readonly { readonly name: string; readonly rows: readonly Line[] }[];
}

/** The rows of a file: a field without quotes and without text is NULL. */
export function csv(content: Buffer): Line[] {
  const text = (content[0] === 0x1f && content[1] === 0x8b ? gunzipSync(content) : content).toString();
  const rows: Line[] = [];
  const row: Line = [];
  for (const [, quoted, bare, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\n]*))(,|\n|$)/g)) {
    if (end === '' && row.length === 0) break;
    row.push(quoted === undefined ? bare || null : quoted.replaceAll('""', '"'));
    if (end !== ',') rows.push(row.splice(0));
  }
  return rows;
}

/** Takes the files into the table, all or none; an error names the file and the row, as that of Snowflake. */
export function load(session: Session, { into, values, files }: Copy): Promise<Result> {
  const insert = async (connection: DuckDBConnection, rows: readonly Line[]): Promise<number> => {
    const width = rows[0]!.length;
    const picked = values.replace(/\$(\d+)/g, 'column$1');
    const marks = Array.from({ length: width }, () => '?').join(', ');
    const bindings = Object.fromEntries(
      Array.from({ length: width }, (_, at) => [String(at + 1), { type: 'TEXT', value: rows.map((row) => row[at]!) }]),
    ) as Bindings;
    const { sql, values: bound, types } = bind(`insert into ${into} select ${picked} from values (${marks})`, bindings);
    return (await connection.run(sql, bound[0], types)).rowsChanged;
  };
  const failed = async (connection: DuckDBConnection, name: string, rows: readonly Line[]): Promise<StatementError> => {
    for (const [at, row] of rows.entries()) {
      await connection.run('rollback').catch(() => undefined);
      await connection.run('begin');
      try {
        await insert(connection, [row]);
      } catch (error) {
        await connection.run('rollback');
        if (session.inTransaction) await connection.run('begin');
        const where = `\n  File '${name}', line ${at + 1}, character 1\n  Row ${at + 1}, column "T"["C":1]`;
        return new StatementError('100038', `${sqlError(error).message}${where}`, '22018');
      }
    }
    return new StatementError('100038', `\n  File '${name}'`, '22018');
  };
  return session.exclusive(async (connection) => {
    if (!session.inTransaction) await connection.run('begin');
    const loaded: string[][] = [];
    for (const { name, rows } of files) {
      const count = await insert(connection, rows).catch(async () =>
        Promise.reject(await failed(connection, name, rows)),
      );
      loaded.push([name, 'LOADED', String(rows.length), String(count)]);
    }
    if (!session.inTransaction) await connection.run('commit');
    return literal(
      [textType('file'), textType('status'), fixedType('rows_parsed'), fixedType('rows_loaded')],
      loaded,
      0x3000,
    );
  });
}
