import type { DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { LIST, listValue, VARCHAR } from '@duckdb/node-api';
import { mask, toDuckDb } from './dialect.ts';

/** `bindings` of a query request: by number, one value or, for a bulk statement, one list per column. */
export type Bindings = Readonly<Record<string, { type: string; value: string | null | readonly (string | null)[] }>>;

/** A statement as DuckDB takes it, once for each set of values. */
export interface BoundStatement {
  readonly sql: string;
  readonly values: DuckDBValue[][];
  readonly types?: DuckDBType[];
}

export function bind(sql: string, bindings: Bindings | undefined): BoundStatement {
  const translated = toDuckDb(sql);
  const columns = Object.keys(bindings ?? {})
    .sort((a, b) => Number(a) - Number(b))
    .map((key) => bindings![key]!);
  const bulk = columns.some(({ value }) => Array.isArray(value));
  if (!bulk) return { sql: translated, values: [columns.map(({ type, value }) => toValue(type, value as string))] };
  const lists = columns.map(({ value }) => value as readonly (string | null)[]);
  const insert = asOneInsert(translated, lists.length);
  if (insert !== undefined) {
    return { sql: insert, values: [lists.map((list) => listValue([...list]))], types: lists.map(() => LIST(VARCHAR)) };
  }
  const rows = Array.from({ length: lists[0]?.length ?? 0 }, (_, row) => row);
  return { sql: translated, values: rows.map((row) => columns.map(({ type }, at) => toValue(type, lists[at]![row]!))) };
}

/**
 * The bindings of each statement of a script: they go through the whole of it, `?` in the order of the text (the Python
 * connector's notes on 2.9.0: "Bindings are accepted in the same way for multi-statements").
 */
export function bindingsOf(parts: readonly string[], bindings: Bindings | undefined): (Bindings | undefined)[] {
  let next = 0;
  return parts.map((sql) => {
    const { code } = mask(sql);
    if (bindings === undefined || /(?<![\w:]):\d+\b/.test(code)) return bindings;
    const marks = code.match(/\?/g) ?? [];
    return Object.fromEntries(marks.map((_, at) => [String(at + 1), bindings[String(++next)]!]));
  });
}

function toValue(type: string, value: string | null): DuckDBValue {
  if (value === null) return null;
  if (type === 'FIXED' && /^-?\d+$/.test(value)) return BigInt(value);
  if (type === 'REAL' || type === 'FIXED') return Number(value);
  if (type === 'BOOLEAN') return value === 'true' || value === '1';
  return value;
}

// Rows one by one would take a statement each; `insert … values (?, ?)` becomes one insert from unnested lists.
function asOneInsert(sql: string, width: number): string | undefined {
  const { code, restore } = mask(sql);
  const selected = /^(\s*insert\s[^]*?\bfrom)\s+\(values\s*\([\s$\d,]*\)\) bulk\([^)]*\)\s*$/i.exec(code);
  const columns = Array.from({ length: width }, (_, at) => `unnest($${at + 1}) as column${at + 1}`);
  if (selected) return restore(`${selected[1]!} (select ${columns.join(', ')}) bulk`);
  const found = /^(\s*insert\s[^]*?)\bvalues\s*\(([^]*)\)\s*$/i.exec(code);
  if (!found) return undefined;
  const names = Array.from({ length: width }, (_, at) => `unnest($${at + 1}) as c${at + 1}`);
  const picked = found[2]!.replace(/\$(\d+)/g, 'bulk.c$1');
  return restore(`${found[1]!}select ${picked} from (select ${names.join(', ')}) bulk`);
}
