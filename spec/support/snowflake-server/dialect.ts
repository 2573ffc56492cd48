/** SQL whose strings, quoted names and comments are out of the way, so that the rest can be searched safely. */
export interface MaskedSql {
  readonly code: string;
  /** The strings and quoted names, as they were. */
  readonly kept: readonly string[];
  restore(code: string): string;
}

const OPEN = '\uE000';
const CLOSE = '\uE001';
const quoted = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\$\$([^]*?)\$\$|--[^\n]*|\/\*[^]*?\*\//g;

export function mask(sql: string): MaskedSql {
  const kept: string[] = [];
  const code = sql.replace(quoted, (text: string, dollars: string | undefined) => {
    if (text.startsWith('--') || text.startsWith('/*')) return ' ';
    kept.push(dollars === undefined ? text : `'${dollars.replaceAll("'", "''")}'`);
    return `${OPEN}${kept.length - 1}${CLOSE}`;
  });
  const hole = new RegExp(`${OPEN}(\\d+)${CLOSE}`, 'g');
  return { code, kept, restore: (text) => text.replace(hole, (_, index: string) => kept[Number(index)] ?? '') };
}

/** The statements of a script, cut at the semicolons that really end one. */
export function splitStatements(sql: string): string[] {
  const { code, restore } = mask(sql);
  return code
    .split(';')
    .map((statement) => restore(statement).trim())
    .filter((statement) => statement !== '');
}

const types: Record<string, string> = {
  NUMBER: 'DECIMAL(38,0)',
  FLOAT: 'DOUBLE',
  VARIANT: 'JSON',
  OBJECT: 'JSON',
  ARRAY: 'JSON',
  TIMESTAMP_NTZ: 'TIMESTAMP',
  TIMESTAMP_LTZ: 'TIMESTAMPTZ',
  TIMESTAMP_TZ: 'TIMESTAMPTZ',
};
const typeName = `(${Object.keys(types).join('|')})(?:\\s*\\(([\\d\\s,]+)\\))?(?!\\w|\\s*[[(])`;
const notAType = '(?<!\\b(?:select|column|by|from|where|and|or|distinct|table|as)\\s)';
const inDefinition = new RegExp(`(?<=[\\w${CLOSE}]\\s)${notAType}${typeName}`, 'gi');
const inCast = new RegExp(`(?<=::\\s*|\\bas\\s+)${typeName}(?=\\s*[,)])|(?<=::\\s*)${typeName}`, 'gi');

// `v:a.b[0]`, which DuckDB would read as an alias.
const path = /\b([a-z_][\w.]*):([a-z_]\w*(?:\.\w+|\[\d+\])*)(::\s*(?:string|varchar|text)\b)?/gi;

/** Snowflake's SQL as DuckDB reads it: its type names, `:1` and `?` as `$1`, paths into variants, row generators. The rest is DuckDB's. */
export function toDuckDb(sql: string): string {
  const { code, restore } = mask(sql);
  const defines = /^\s*(?:create|alter)\b/i.test(code);
  let next = 0;
  const text = code
    .replace(inCast, duckType)
    .replace(defines ? inDefinition : /(?!)/g, duckType)
    .replace(/\btable\s*\(\s*generator\s*\(\s*rowcount\s*=>\s*(\d+)\s*\)\s*\)/gi, 'range($1) generator(seq)')
    .replace(/\bfrom\s+values\s*((?:\([^()]*\)\s*,?\s*)+)/gi, namedValues)
    .replace(/\bseq[1248]\s*\(\s*\)/gi, 'generator.seq')
    .replace(path, (_, value: string, keys: string, text?: string) => `(${value}->${text ? '>' : ''}'$.${keys}')`)
    .replace(/(?<![\w:]):(\d+)\b/g, '$$$1')
    .replace(/\?/g, () => `$${++next}`);
  return restore(text);
}

/** `from values (…)`: Snowflake names the columns for their place. */
function namedValues(_: string, rows: string): string {
  const names = rows.slice(0, rows.indexOf(')')).split(',');
  return `from (values ${rows.trim()}) bulk(${names.map((_name, at) => `column${at + 1}`).join(', ')}) `;
}

function duckType(_: string, ...groups: (string | undefined)[]): string {
  const name = (groups[0] ?? groups[2] ?? '').toUpperCase();
  const size = groups[0] === undefined ? groups[3] : groups[1];
  return name === 'NUMBER' && size !== undefined ? `DECIMAL(${size})` : (types[name] ?? name);
}

/** A name as Snowflake reads it: upper case, unless it is quoted. */
export function identifier(text: string): string {
  return text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text.toUpperCase();
}

/** The name of a column as Snowflake tells it: upper case, unless the statement quotes it. */
export function columnName(name: string, sql: string): string {
  if (mask(sql).kept.includes(`"${name}"`)) return name;
  return name.replace(/^count_star\(\)$/i, 'COUNT(*)').toUpperCase();
}
