import type { DuckDBValue } from '@duckdb/node-api';

/** A semi-structured value as Snowflake prints it: over several lines, SQL NULL as `undefined` (issue 21, A and B7). */
export function printed(value: DuckDBValue, depth = 0): string {
  if (value === null) return 'undefined';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  const indent = `\n${'  '.repeat(depth + 1)}`;
  const block = (open: string, parts: string[], close: string) =>
    parts.length === 0 ? open + close : `${open}${indent}${parts.join(`,${indent}`)}\n${'  '.repeat(depth)}${close}`;
  const { items, entries } = value as unknown as {
    items?: DuckDBValue[];
    entries?: Record<string, DuckDBValue> | { key: DuckDBValue; value: DuckDBValue }[];
  };
  if (items)
    return block(
      '[',
      items.map((item) => printed(item, depth + 1)),
      ']',
    );
  if (!entries) return JSON.stringify(String(value));
  const pairs = Array.isArray(entries)
    ? entries.map(({ key, value: inner }) => [String(key), inner] as const)
    : Object.entries(entries);
  // An OBJECT has no keys with SQL NULL.
  const kept = pairs.filter(([, inner]) => inner !== null);
  return block(
    '{',
    kept.map(([key, inner]) => `${JSON.stringify(key)}: ${printed(inner, depth + 1)}`),
    '}',
  );
}

const tokens = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** JSON text in the same form; numbers stay as they are written. */
export function prettyJson(text: string): string {
  let depth = 0;
  let out = '';
  let last = '';
  const line = () => `\n${'  '.repeat(depth)}`;
  for (const [token] of text.matchAll(tokens)) {
    const opens = last === '{' || last === '[';
    if (token === '}' || token === ']') depth--;
    if (token === '}' || token === ']') out += opens ? '' : line();
    else if (opens || last === ',') out += line();
    out += token === ':' ? ': ' : token;
    if (token === '{' || token === '[') depth++;
    last = token;
  }
  return out;
}
