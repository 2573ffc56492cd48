import { ConfigError } from '../../errors/index.ts';
import { isTable } from '../../table.ts';
import { material } from './tls-material.ts';
import { wordNamed, type Meaning, type TlsWord } from './tls-word.ts';
import { tableWords, tlsWords } from './tls-words.ts';
import { labelOf, scalarText, type Written } from './written.ts';

/** A word as it was written, and what it means. */
export interface Said {
  readonly written: Written;
  readonly meaning: Meaning;
}

/** Options that `tls.connect` of Node.js takes as they are. */
const asTheyAre = new Set(
  `servername minVersion maxVersion passphrase secureProtocol secureOptions sessionTimeout sigalgs ecdhCurve dhparam
  honorCipherOrder ALPNProtocols checkServerIdentity secureContext crl timeout lookup`.split(/\s+/),
);

/** The meaning of a word; a table has several. */
export function meaningsOf(word: TlsWord, written: Written): Said[] {
  const { value } = written;
  const of = (meaning: Meaning): Said[] => [{ written, meaning }];
  if (word.instead) throw invalid(written, `it is not understood: ${word.instead}.`);
  const key = keyOf(value);
  const named = key !== undefined && word.values && Object.hasOwn(word.values, key) ? word.values[key] : undefined;
  if (named) return of(named);
  if (word.table) {
    const table = isTable(value) ? value : jsonOf(value);
    if (table) return [...of({ least: 1 }), ...tlsTable(table, written.setting)];
  }
  if (word.file) return of({ ...word.meaning, tls: { [word.file]: material(word.file, value, written) } });
  if (word.text) {
    if (typeof value === 'boolean' || scalarText(value) === '') throw invalid(written, 'expected text.');
    return of({ ...word.meaning, [word.beside ? 'beside' : 'tls']: { [word.text]: scalarText(value) } });
  }
  if (word.versions) return of({ ...word.meaning, tls: versions(word.versions, written) });
  throw invalid(written, `expected ${expected(word)}.`);
}

/** The meaning of the entries of an `ssl` table: options of Node.js, and what drivers of Python call them. */
function tlsTable(table: Readonly<Record<string, unknown>>, setting: string): Said[] {
  return Object.entries(table).flatMap(([name, value]) => {
    const written = { name, value, setting: `${setting}.${name}` };
    if (value === undefined || value === null) return [];
    if (asTheyAre.has(name)) return [{ written, meaning: { tls: { [name]: value } } }];
    const word = wordNamed(name, tableWords) ?? wordNamed(name, tlsWords.postgresql);
    if (!word || word.table) throw invalid(written, 'hotline does not know this option of TLS.');
    return meaningsOf(word, written);
  });
}

/** A value as `values` names it: every spelling of true is `on`, of false `off`. */
function keyOf(value: unknown): string | undefined {
  if (!['string', 'number', 'bigint', 'boolean'].includes(typeof value)) return undefined;
  const text = String(value).trim().toLowerCase().replace(/[_ ]/g, '-');
  if (/^(1|true|yes|on|t|y)$/.test(text)) return 'on';
  return /^(0|false|no|off|f|n)$/.test(text) ? 'off' : text;
}

function jsonOf(value: unknown): Record<string, unknown> | undefined {
  if (typeof value !== 'string' || !value.trim().startsWith('{')) return undefined;
  try {
    return JSON.parse(value) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

const known = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];

function versions(which: 'all' | 'minVersion' | 'maxVersion', written: Written): Readonly<Record<string, unknown>> {
  const { value } = written;
  const list = (
    Array.isArray(value)
      ? value
      : String(value)
          .replace(/[[\]'"()]/g, '')
          .split(',')
  ).map((item: unknown) => {
    const found = known.indexOf(
      String(item)
        .trim()
        .replace(/^tls ?v?/i, 'TLSv'),
    );
    if (found < 0) throw invalid(written, `expected ${known.join(', ')}.`);
    return found;
  });
  const [min, max] = [known[Math.min(...list)], known[Math.max(...list)]];
  return which === 'all' ? { minVersion: min, maxVersion: max } : { [which]: min };
}

function expected(word: TlsWord): string {
  const names = Object.keys(word.values ?? {}).map((key) => (key === 'on' ? 'true' : key === 'off' ? 'false' : key));
  return [...names, ...(word.table ? ['a table of options'] : [])].join(', ');
}

export function invalid(written: Written, why: string): ConfigError {
  return new ConfigError('invalid_config', `${labelOf(written)}: ${why}`, { setting: written.setting });
}
