import { pieces, type Language } from './lexis.ts';

/**
 * A statement with `?` for each number and for all that is quoted in it (a name in quotes may be a value that was quoted wrongly), and
 * without its comments: it can be shown. `undefined` where it cannot be told where a text ends, because settings of the server
 * decide what a backslash means.
 */
export function withoutLiterals(sql: string, language: Language): string | undefined {
  let shown = '';
  for (const { text, is } of pieces(sql, language)) {
    if (is === 'comment') shown += ' ';
    else if (is === 'code') shown += text.replace(numbers, '?');
    else if (text.includes('\\')) return undefined;
    else shown += '?';
  }
  return shown.trim();
}

/** Not those in names and of placeholders: `t1`, `$1`, `:1`. */
const numbers = /(?<![\w$@:\u0080-\uffff]|\w\.)(?:\d[\w.]*(?:(?<=e)[+-]\d+)?|\.\d[\w.]*)/gi;
