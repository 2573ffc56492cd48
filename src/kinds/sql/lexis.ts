import type { Family } from './dialects.ts';

/** A language whose quoting is known: those of the families, and Snowflake's. */
export type Language = Family | 'snowflake';

/** How the SQL of a family is written, as far as it has to be known to find what is code in it. */
interface Lexis {
  /** Quoted text, quoted names and comments to the end of the line. */
  readonly opaque: RegExp;
  /** A comment inside a comment counts. */
  readonly nested: boolean;
}

const single = `'[^']*(?:''[^']*)*(?:'|$)`;
const double = `"[^"]*(?:""[^"]*)*(?:"|$)`;
const backtick = '`[^`]*(?:``[^`]*)*(?:`|$)';
const bracket = String.raw`\[[^\]]*(?:\]\][^\]]*)*(?:\]|$)`;
const line = String.raw`--[^\r\n]*`;
const escaped = (quote: string): string =>
  String.raw`${quote}[^${quote}\\]*(?:(?:\\(?:[\s\S]|$)|${quote}${quote})[^${quote}\\]*)*(?:${quote}|$)`;
const dollar = String.raw`(?<![\w$])\$(?<tag>[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$[\s\S]*?(?:\$\k<tag>\$|$(?![\s\S]))`;
// Each ends somewhere, at the end of the text at the latest: one that matched nothing would be read again from each place in it.
const oracleQuote = String.raw`(?<![\w])[nN]?[qQ]'(?:\[[\s\S]*?(?:\]'|$)|\{[\s\S]*?(?:\}'|$)|<[\s\S]*?(?:>'|$)|\([\s\S]*?(?:\)'|$)|(?<delimiter>[^\s])[\s\S]*?(?:\k<delimiter>'|$))`;

/** Made once for each language: a pattern like these takes longer to make than a statement takes to read. */
const lexis = (nested: boolean, ...opaque: readonly string[]): Lexis => ({
  opaque: new RegExp([...opaque, String.raw`/\*`].join('|'), 'g'),
  nested,
});

const lexes: Readonly<Record<Language, Lexis>> = {
  postgresql: lexis(true, `(?<!\\w)[eE]${escaped("'")}`, single, double, dollar, line),
  mysql: lexis(false, escaped("'"), escaped('"'), backtick, String.raw`--(?=\s|$)[^\r\n]*`, String.raw`#[^\r\n]*`),
  sqlite: lexis(false, single, double, backtick, bracket, line),
  mssql: lexis(true, single, double, bracket, line),
  oracle: lexis(false, oracleQuote, single, double, line),
  snowflake: lexis(
    false,
    escaped("'"),
    double,
    String.raw`\$\$[\s\S]*?(?:\$\$|$(?![\s\S]))`,
    line,
    String.raw`//[^\r\n]*`,
  ),
};

/** Everything that is not code begins with one of these. */
const suspicious = /['"`$#[/-]/;

/** A part of a statement: code that the server reads, or what it does not (quoted text, a quoted name, a comment). */
export interface Piece {
  readonly text: string;
  readonly is: 'code' | 'quoted' | 'comment';
}

/** Cuts a statement into its pieces; joined again they are the statement. What is not closed ends with it. */
export function* pieces(sql: string, family: Language): Generator<Piece> {
  if (!suspicious.test(sql)) {
    if (sql !== '') yield { text: sql, is: 'code' };
    return;
  }
  const { opaque, nested } = lexes[family];
  let from = 0;
  for (;;) {
    // Where it goes on is kept here, as the pattern is everybody's.
    opaque.lastIndex = from;
    const found = opaque.exec(sql);
    if (!found) break;
    const start = found.index;
    const comment = /^(?:\/\*|--|\/\/|#)/.test(found[0]);
    const end = found[0] === '/*' ? endOfComment(sql, start, nested) : start + found[0].length;
    if (start > from) yield { text: sql.slice(from, start), is: 'code' };
    yield { text: sql.slice(start, end), is: comment ? 'comment' : 'quoted' };
    from = end;
  }
  if (from < sql.length) yield { text: sql.slice(from), is: 'code' };
}

function endOfComment(sql: string, start: number, nested: boolean): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = start + 2;
  let depth = 1;
  for (let found = mark.exec(sql); found; found = mark.exec(sql)) {
    if (found[0] === '*/') depth -= 1;
    else if (nested) depth += 1;
    if (depth === 0) return mark.lastIndex;
  }
  return sql.length;
}
