import { comparable } from '../../spelling.ts';

/** How much TLS does: 0 none, 1 it encrypts, 2 it proves who signed the certificate, 3 also that it is the host's. */
export type Level = 0 | 1 | 2 | 3;

/** The level that a word asks for; all words have to hold at once. */
export interface Demand {
  /** Not less than this. */
  readonly least?: Level;
  /** Not more than this. */
  readonly most?: Level;
  /** This, where no other word asks for more. */
  readonly mode?: Level;
  /** At least this where TLS is on. */
  readonly raise?: Level;
}

/** The meaning of a value: a demand, and the options that it sets. */
export interface Meaning extends Demand {
  /** Options of TLS itself, as `tls.connect` of Node.js takes them. */
  readonly tls?: Readonly<Record<string, unknown>>;
  /** Options of the driver beside them. */
  readonly beside?: Readonly<Record<string, unknown>>;
}

/** A word that speaks of TLS. Case, `-` and `_` in it count for nothing. */
export interface TlsWord {
  readonly names: readonly string[];
  readonly says: string;
  /** The meaning of its values; `on` and `off` stand for every spelling of true and false. */
  readonly values?: Readonly<Record<string, Meaning>>;
  /** It names a file (or holds its text), which becomes this option of TLS. */
  readonly file?: string;
  /** Its text becomes this option of TLS, or of the driver. */
  readonly text?: string;
  readonly beside?: true;
  /** It lists versions of TLS. */
  readonly versions?: 'all' | 'minVersion' | 'maxVersion';
  /** It is a table of options, a JSON text of one, or one of its `values`. */
  readonly table?: true;
  /** The meaning where it has a value at all. */
  readonly meaning?: Meaning;
  /** It leads to something on this machine. */
  readonly local?: true;
  /** It cannot be done: what to write instead. */
  readonly instead?: string;
}

/** True for a name about TLS, also for an unknown one. */
export function speaksOfTls(name: string, words: readonly TlsWord[]): boolean {
  return /ssl|tls|encrypt|cert|truststore|keystore/.test(comparable(name)) || wordNamed(name, words) !== undefined;
}

export function wordNamed(name: string, words: readonly TlsWord[]): TlsWord | undefined {
  const wanted = comparable(name);
  return words.find((word) => word.names.some((known) => comparable(known) === wanted));
}
