import { ConfigError } from '../../errors/index.ts';
import { comparable, nearest } from '../../spelling.ts';
import type { Family } from './dialects.ts';
import { commonOptions, optionNamed, ownOptions, type Fate, type OptionWords } from './option-words.ts';
import { isTlsWord } from './tls.ts';
import { tlsWords } from './tls-words.ts';
import { scalarText } from './written.ts';

export type QueryValue = string | number | boolean | readonly (string | number | boolean)[];

type Options = Readonly<Record<string, QueryValue>>;

/** The options of a target by what becomes of them. */
export interface SortedOptions {
  /** The options that the driver takes as they are. */
  readonly driver: Options;
  /** The options that hotline reads, or changes nothing for. */
  readonly read: Options;
  /** The options that nobody knows. */
  readonly unknown: Options;
  /** The messages about those that are left out. */
  readonly warnings: readonly string[];
}

/**
 * Sorts the options that do not speak of TLS.
 *
 * @throws ConfigError `invalid_config` for one that asks for what would not happen, with what to write instead.
 */
export function sortedOptions(family: Family, query: Options, driver?: string): SortedOptions {
  const sorted: Record<'driver' | 'read' | 'unknown', Record<string, Options[string]>> = {
    driver: {},
    read: {},
    unknown: {},
  };
  const warnings: string[] = [];
  for (const [name, value] of Object.entries(query)) {
    if (isTlsWord(name, family)) continue;
    const words = optionNamed(name, family);
    const setting = `query.${name}`;
    if (words === undefined) {
      sorted.unknown[name] = value;
      warnings.push(`query.${name.slice(0, 40)}: ${strange(name, family, driver)}`);
    } else if (words.fate === 'driver') sorted.driver[name] = value;
    else if (words.fate === 'read' || words.fate === 'idle') sorted.read[name] = value;
    else if (!asksNothing(words, value)) {
      const told = `${setting}: the driver would not hear it: ${words.says}.`;
      if (words.fate === 'refused') throw new ConfigError('invalid_config', told, { setting });
      warnings.push(told);
    }
  }
  return { ...sorted, warnings };
}

/** The options under the spelling by which drivers know them: `application_name` for `ApplicationName`. */
export function canonicalOptions(family: Family, query: Options): Options {
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => {
      const words = isTlsWord(name, family) ? undefined : optionNamed(name, family);
      const passes = words !== undefined && (['driver', 'read'] as Fate[]).includes(words.fate);
      return [passes ? words.names.find((known) => isSame(known, name, words))! : name, value];
    }),
  );
}

/** The schemas that a query of PostgreSQL names. */
export function searchPathIn(query: Options): string[] | undefined {
  const found = ['schema', 'search_path', 'currentSchema'].filter((name) => query[name] !== undefined);
  if (found.length === 0) return undefined;
  return found
    .flatMap((name) => {
      const value = query[name]!;
      return Array.isArray(value) ? (value as unknown[]) : scalarText(value).split(',');
    })
    .map((name) =>
      String(name)
        .trim()
        .replace(/^"(.*)"$/, '$1'),
    );
}

function isSame(known: string, name: string, { names }: OptionWords): boolean {
  return names.includes(name) ? known === name : comparable(known) === comparable(name);
}

/** True for a value that asks for what happens anyhow. */
function asksNothing({ fine }: OptionWords, value: unknown): boolean {
  return fine.test(String(value));
}

function strange(name: string, family: Family, driver: string | undefined): string {
  const known = [...ownOptions[family], ...commonOptions].flatMap(({ names }) => names);
  const meant = nearest(name.slice(0, 40), [...known, ...tlsWords[family].flatMap(({ names }) => names)]);
  const fate = takesStrangers(family, driver)
    ? 'The driver is given it as it is'
    : 'It is left out; an option of the driver goes into the table knex.connection';
  return `hotline does not know this option of ${family}. ${meant === undefined ? '' : `Did you mean ${meant}? `}${fate}.`;
}

/** Tells whether unknown options are handed on: pg ignores them, mysql2 complains of each on the console. */
export function takesStrangers(family: Family, driver: string | undefined): boolean {
  return family === 'postgresql' || (family === 'mysql' && (driver === 'mariadb' || driver === 'mysql'));
}
