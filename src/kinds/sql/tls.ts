import { closest, distance } from 'fastest-levenshtein';
import { ConfigError } from '../../errors/index.ts';
import type { Family } from './dialects.ts';
import { optionNamed } from './option-words.ts';
import { refuseUnusable } from './tls-material.ts';
import { invalid, meaningsOf, type Said } from './tls-meaning.ts';
import { comparable } from '../../spelling.ts';
import { speaksOfTls, wordNamed, type Demand, type Level } from './tls-word.ts';
import { tlsWords } from './tls-words.ts';
import { labelOf, type Written } from './written.ts';

type Options = Readonly<Record<string, unknown>>;

/** The sum of all settings about TLS. */
export interface Tls {
  /** `undefined`: nobody asked for TLS or for none. */
  readonly level: Level | undefined;
  /** Options of TLS itself. */
  readonly tls: Options;
  /** Options of the driver beside them. */
  readonly beside: Options;
}

/** The options that `ssl = true` alone asks for. mysql2 verifies the name in a certificate only where it is asked to. */
const alone: Readonly<Record<Family, Level>> = { postgresql: 3, mysql: 2, mssql: 3, oracle: 3, sqlite: 0 };

/** True for an option about TLS, in the words of a family or in unknown words; `gsslib` is none. */
export function isTlsWord(name: string, family: Family): boolean {
  return speaksOfTls(name, tlsWords[family]) && !optionNamed(name, family);
}

/**
 * Reads every word about TLS. All of them hold at once: TLS is as strong as the strongest asks for.
 *
 * @throws ConfigError `invalid_config` for a word that is not known, a value that means nothing, two that contradict each
 * other, and certificates that cannot be used.
 */
export function tlsOf(family: Family, written: readonly Written[]): Tls {
  const said = written
    .filter(({ name, value }) => value !== undefined && value !== null && isTlsWord(name, family))
    .flatMap((option) => meanings(family, option));
  const level = levelOf(family, said);
  const tls = Object.assign({}, ...said.map(({ meaning }) => meaning.tls)) as Options;
  const beside = Object.assign({}, ...said.map(({ meaning }) => meaning.beside)) as Options;
  if (level !== 0) refuseUnusable(tls);
  return { level, tls, beside };
}

function meanings(family: Family, written: Written): Said[] {
  const word = wordNamed(written.name, tlsWords[family]);
  if (!word) throw unknown(family, written);
  return meaningsOf(word, written);
}

function levelOf(family: Family, said: readonly Said[]): Level | undefined {
  const asks = said.filter(({ meaning }) => ['least', 'most', 'mode', 'raise'].some((name) => name in meaning));
  if (asks.length === 0) return undefined;
  const strongest = (name: 'least' | 'mode' | 'raise'): Said | undefined =>
    asks.reduce<Said | undefined>(
      (best, next) => (of(next, name) > (best ? of(best, name) : -1) ? next : best),
      undefined,
    );
  const least = strongest('least');
  const most = asks.reduce<Said | undefined>(
    (best, next) => ((next.meaning.most ?? 4) < (best?.meaning.most ?? 4) ? next : best),
    undefined,
  );
  if (least && most && of(least, 'least') > most.meaning.most!)
    throw new ConfigError(
      'invalid_config',
      `${labelOf(least.written)} and ${labelOf(most.written)} contradict each other about TLS: leave one of them out.`,
      { setting: most.written.setting },
    );
  const mode = strongest('mode');
  const wanted = Math.max(
    mode ? of(mode, 'mode') : alone[family],
    ...asks.map((one) => Math.max(of(one, 'least'), of(one, 'raise'))),
  );
  return Math.min(wanted, most?.meaning.most ?? 3) as Level;
}

function of({ meaning }: Said, name: keyof Demand): number {
  return meaning[name] ?? -1;
}

function unknown(family: Family, written: Written): ConfigError {
  const words = tlsWords[family];
  if (words.length === 0) return invalid(written, 'a file has no TLS: leave it out.');
  const names = words.flatMap((word) => word.names);
  const near = closest(written.name.toLowerCase(), names);
  const meant = distance(comparable(written.name), comparable(near)) <= 3 ? near : undefined;
  const cure = meant ? `Did you mean ${meant}?` : `Write one of ${words.map((word) => word.names[0]).join(', ')}.`;
  return invalid(written, `hotline does not know this word about TLS. ${cure}`);
}
