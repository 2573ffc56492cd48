import type { Family } from './dialects.ts';

/** A language whose quoting is known: those of the families, and Snowflake's. */
export type Language = Family | 'snowflake';

/** How the SQL of a family is written, as far as it has to be known to find what is code in it. */
interface Lexis {
  /** Quoted text, quoted names and comments to the end of the line. */
  readonly opaque: string;
  /** A comment inside a comment counts. */
  readonly nested: boolean;
}

const single = `'[^']*(?:''[^']*)*(?:'|$)`;
const double = `"[^"]*(?:""[^"]*)*(?:"|$)`;
const backtick = '`[^`]*(?:``[^`]*)*(?:`|$)';
const bracket = String.raw`\[[^\]]*(?:\]\][^\]]*)*(?:\]|$)`;
const line = String.raw`--[^\r\n]*`;
const escaped = (quote: string): string =>
  String.raw`${quote}[^${quote}\\]*(?:(?:\\[\s\S]|${quote}${quote})[^${quote}\\]*)*(?:${quote}|$)`;
const dollar = String.raw`(?<![\w$])\$(?<tag>[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$[\s\S]*?(?:\$\k<tag>\$|$(?![\s\S]))`;
const oracleQuote = String.raw`(?<![\w])[nN]?[qQ]'(?:\[[\s\S]*?\]'|\{[\s\S]*?\}'|<[\s\S]*?>'|\([\s\S]*?\)'|(?<delimiter>[^\s])[\s\S]*?\k<delimiter>')`;

const lexes: Readonly<Record<Language, Lexis>> = {
  postgresql: { opaque: [`(?<!\\w)[eE]${escaped("'")}`, single, double, dollar, line].join('|'), nested: true },
  mysql: {
    opaque: [escaped("'"), escaped('"'), backtick, String.raw`--(?=\s|$)[^\r\n]*`, '#[^\\r\\n]*'].join('|'),
    nested: false,
  },
  sqlite: { opaque: [single, double, backtick, bracket, line].join('|'), nested: false },
  mssql: { opaque: [single, double, bracket, line].join('|'), nested: true },
  oracle: { opaque: [oracleQuote, single, double, line].join('|'), nested: false },
  snowflake: {
    opaque: [escaped("'"), double, String.raw`\$\$[\s\S]*?(?:\$\$|$(?![\s\S]))`, line, String.raw`//[^\r\n]*`].join(
      '|',
    ),
    nested: false,
  },
};

/** A part of a statement: code that the server reads, or what it does not (quoted text, a quoted name, a comment). */
export interface Piece {
  readonly text: string;
  readonly is: 'code' | 'quoted' | 'comment';
}

/** Cuts a statement into its pieces; joined again they are the statement. What is not closed ends with it. */
export function* pieces(sql: string, family: Language): Generator<Piece> {
  const { opaque, nested } = lexes[family];
  const next = new RegExp(`${opaque}|/\\*`, 'g');
  let from = 0;
  for (let found = next.exec(sql); found; found = next.exec(sql)) {
    const start = found.index;
    const comment = /^(?:\/\*|--|\/\/|#)/.test(found[0]);
    const end = found[0] === '/*' ? endOfComment(sql, start, nested) : start + found[0].length;
    if (start > from) yield { text: sql.slice(from, start), is: 'code' };
    yield { text: sql.slice(start, end), is: comment ? 'comment' : 'quoted' };
    from = next.lastIndex = end;
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
