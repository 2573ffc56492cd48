import { pieces } from '../lexis.ts';

const name =
  String.raw`("(?:[^"]|"")*"|'(?:[^']|'')*'|\[[^\]]*\]|` + '`(?:[^`]|``)*`' + String.raw`|[\w$\u0080-\uffff]+)`;
const insert = new RegExp(
  String.raw`^[\s;]*(?:with\b[\s\S]*?\)\s*)?(?:insert(?:\s+or\s+\w+)?|replace)\s+into\s+${name}(?:\s*\.\s*${name})?`,
  'i',
);

/**
 * The table into which a statement of SQLite inserts rows that get numbers; `undefined` for every other statement, whose
 * `last_insert_rowid()` is that of an earlier one. An upsert that updates inserts nothing and does not say so.
 */
export function numberedTable(sql: string): string | undefined {
  let [text, code] = ['', ''];
  for (const { text: piece, is } of pieces(sql, 'sqlite')) {
    text += is === 'comment' ? ' ' : piece;
    code += is === 'code' ? piece : ' ';
  }
  if (/\bdo\s+update\b/i.test(code)) return undefined;
  const found = insert.exec(text);
  const table = found?.[2] ?? found?.[1];
  return table === undefined ? undefined : unquoted(table);
}

/** Finds a table or a view of that name whose rows get no number. */
export const ownNumbers = "select 1 from pragma_table_list where lower(name) = lower(?) and (wr = 1 or type = 'view')";

function unquoted(written: string): string {
  const [quote = ''] = written;
  if (!/["'`[]/.test(quote)) return written;
  const inner = written.slice(1, -1);
  return quote === '[' ? inner : inner.replaceAll(quote + quote, quote);
}
