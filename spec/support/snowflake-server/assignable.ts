import type { DuckDBConnection } from '@duckdb/node-api';
import type { Bindings } from './binds.ts';
import { mask, toDuckDb } from './dialect.ts';
import { StatementError } from './refusal.ts';

const insert = /^\s*insert\s+into\s+([^\s(]+)\s*(?:\(([^()]*)\))?\s*(values\b|select\b)([^]*)$/i;

/**
 * Refuses what Snowflake refuses and DuckDB takes: text for a VARIANT, an ARRAY or an OBJECT (002023), and functions of
 * binds inside VALUES (002014). Recorded in issue 21, A.
 */
export async function refuseUnassignable(
  connection: DuckDBConnection,
  sql: string,
  bindings: Bindings | undefined,
): Promise<void> {
  const { code, restore } = mask(sql);
  const [, table = '', names, kind = '', rest = ''] = insert.exec(code) ?? [];
  if (table === '') return;
  const values = kind.toLowerCase() === 'values';
  const call = values && /\b\w+\s*\([^()]*(?:\?|:\d)[^()]*\)/.exec(rest);
  if (call) throw compilation('002014', `Invalid expression [${restore(call[0])}] in VALUES clause`);
  const targets = await columnsOf(connection, restore(`select ${names ?? '*'} from ${table}`));
  if (!targets?.some(({ json }) => json)) return;
  const given = values ? textsOf(rest, bindings) : await columnsOf(connection, toDuckDb(restore(`select ${rest}`)));
  const at = targets.findIndex(({ json }, index) => json && given?.[index]?.text);
  if (at < 0) return;
  const column = targets[at]!.name.toUpperCase();
  throw compilation(
    '002023',
    `Expression type does not match column data type, expecting VARIANT but got VARCHAR(16777216) for column ${column}`,
  );
}

interface Target {
  readonly name: string;
  readonly json: boolean;
  readonly text: boolean;
}

/** The columns of a query; undefined where it does not compile, which the statement itself will say. */
async function columnsOf(connection: DuckDBConnection, sql: string): Promise<Target[] | undefined> {
  try {
    const prepared = await connection.prepare(sql);
    const columns = Array.from({ length: prepared.columnCount }, (_, index) => {
      const type = prepared.columnType(index);
      const json = type.alias === 'JSON';
      return { name: prepared.columnName(index), json, text: !json && String(type) === 'VARCHAR' };
    });
    prepared.destroySync();
    return columns;
  } catch {
    return undefined;
  }
}

/** Of the first row of VALUES: which are text. */
function textsOf(rest: string, bindings: Bindings | undefined): { text: boolean }[] {
  let next = 0;
  const row = /\(([^]*?)\)/.exec(rest)?.[1] ?? '';
  return row.split(',').map((item) => {
    const bind = /^\s*(?:\?|:(\d+))\s*$/.exec(item);
    if (!bind) return { text: /^\s*\uE000\d+\uE001\s*$/.test(item) };
    const binding = bindings?.[bind[1] ?? String(++next)];
    return { text: binding?.type === 'TEXT' && [binding.value].flat().some((value) => value !== null) };
  });
}

function compilation(code: string, text: string): StatementError {
  return new StatementError(code, `SQL compilation error:\n${text}`, '22000');
}
