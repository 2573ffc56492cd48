import type { TlsWord } from '../../src/kinds/sql/tls-word.ts';
import { tlsWords } from '../../src/kinds/sql/tls-words.ts';
import { partOfPage, printPart } from './sql-page.ts';

export const titles = {
  postgresql: 'PostgreSQL, CockroachDB, Redshift',
  mysql: 'MySQL, MariaDB',
  mssql: 'SQL Server',
  oracle: 'Oracle',
} as const;

/** The tables of the words about TLS, for `docs/guides/sql.md`. */
export function printedTlsWords(): string {
  return Object.entries(titles)
    .map(
      ([family, title]) =>
        `${title}:\n\n| word | values | what it says |\n| --- | --- | --- |\n${rowsOf(tlsWords[family as keyof typeof titles])}`,
    )
    .join('\n\n');
}

export const tlsWordsOfPage = (): string | undefined => partOfPage('tls words');
export const printTlsWords = (): void => printPart('tls words', printedTlsWords());

function rowsOf(words: readonly TlsWord[]): string {
  return words
    .map((word) => {
      const names = word.names.map((name) => `\`${name}\``).join(' ');
      return `| ${names} | ${valuesOf(word)} | ${word.says}${word.instead ? `; not understood: ${word.instead}` : ''} |`;
    })
    .join('\n');
}

function valuesOf(word: TlsWord): string {
  const values = Object.keys(word.values ?? {}).map((value) =>
    value === 'on' ? 'true' : value === 'off' ? 'false' : value,
  );
  const others = [
    ...(word.file ? ['a file'] : []),
    ...(word.text ? ['text'] : []),
    ...(word.versions ? ['versions'] : []),
    ...(word.table ? ['a table'] : []),
    ...(word.instead ? ['–'] : []),
  ];
  return [...values, ...others].join(', ');
}
