import { commonOptions, ownOptions, type Fate, type OptionWords } from '../../src/kinds/sql/option-words.ts';
import { partOfPage, printPart } from './sql-page.ts';
import { titles } from './tls-words-page.ts';

const fates: Readonly<Record<Fate, string>> = {
  driver: 'taken',
  read: 'taken',
  idle: 'taken',
  warned: 'a warning',
  refused: '`invalid_config`',
};

/** The tables of the options of drivers, for `docs/guides/sql.md`. */
export function printedOptions(): string {
  const tables = { ...titles, sqlite: 'SQLite' };
  return [
    ...Object.entries(tables).map(([family, title]) => tableOf(title, ownOptions[family as keyof typeof tables])),
    tableOf('Every database, where its own table does not say otherwise', commonOptions),
  ].join('\n\n');
}

export const optionsOfPage = (): string | undefined => partOfPage('options');
export const printOptions = (): void => printPart('options', printedOptions());

function tableOf(title: string, words: readonly OptionWords[]): string {
  const rows = words.map(
    ({ names, fate, says }) => `| ${names.map((name) => `\`${name}\``).join(' ')} | ${fates[fate]} | ${says} |`,
  );
  return `${title}:\n\n| option | here | what it means, or what to write instead |\n| --- | --- | --- |\n${rows.join('\n')}`;
}
