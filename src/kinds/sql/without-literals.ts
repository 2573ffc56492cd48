import { pieces, type Language } from './lexis.ts';

/** Where a text in double quotes is a name, whatever the server is set to. */
const namesInDoubleQuotes: readonly Language[] = ['postgresql', 'oracle', 'snowflake'];

/**
 * A statement with `?` for each text and number in it, and without its comments: it can be shown. `undefined` where it cannot be
 * told where a text ends, because settings of the server decide what a backslash means.
 */
export function withoutLiterals(sql: string, language: Language): string | undefined {
  let shown = '';
  for (const { text, is } of pieces(sql, language)) {
    if (is === 'comment') shown += ' ';
    else if (is === 'code') shown += text.replace(numbers, '?');
    else if (text.includes('\\')) return undefined;
    else shown += isName(text, language) ? text : '?';
  }
  return shown.trim();
}

/** Not those in names and of placeholders: `t1`, `$1`, `:1`. */
const numbers = /(?<![\w$@:\u0080-\uffff]|\w\.)(?:\d[\w.]*(?:(?<=e)[+-]\d+)?|\.\d[\w.]*)/gi;

function isName(text: string, language: Language): boolean {
  return (
    text.startsWith('`') || text.startsWith('[') || (text.startsWith('"') && namesInDoubleQuotes.includes(language))
  );
}
