import fc from 'fast-check';
import { HotlineError } from '../../src/errors/index.ts';
import { pack, unpack } from '../../src/kinds/query/shared-results.ts';
import { bind } from '../../src/kinds/sql/binds.ts';
import { pieces, type Language } from '../../src/kinds/sql/lexis.ts';
import { statementsOf } from '../../src/kinds/sql/scripts.ts';
import { parseUrl, shownUrl } from '../../src/kinds/sql/url.ts';
import { withoutLiterals } from '../../src/kinds/sql/without-literals.ts';
import { guardRead, guardTransaction } from '../../src/kinds/sql/write-guard.ts';
import { interpolate, strayReference } from '../../src/secrets/references.ts';
import { decodeText, parseJson, parseSecrets, parseToml } from '../../src/sources/parse-secrets.ts';

/** Something that reads what others wrote. */
export interface Subject {
  readonly name: string;
  /** Texts from which inputs are put together: what the reader knows, and what it may trip over. */
  readonly words: readonly string[];
  /** Reads one input; throws where the answer is wrong. A HotlineError is an answer. */
  readonly read: (text: string) => void;
}

const languages: readonly Language[] = ['postgresql', 'mysql', 'sqlite', 'mssql', 'oracle', 'snowflake'];

/** A lone half of a character has no encoding. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '?');
}

function claim(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** One HotlineError, or an answer; whatever else is thrown is a fault. */
function orRefused<T>(run: () => T, check: (answer: T) => void = () => undefined): void {
  let answer: T;
  try {
    answer = run();
  } catch (error) {
    if (error instanceof HotlineError) return claim(error.message.length < 2000, 'the message is short');
    throw error;
  }
  check(answer);
}

const sqlWords = [
  ...`'|"|\`|$|$$|$a$|--|/*|*/|//|#|[|]|q'[|]'|q'!|!'|nq'(|e'|\\|\\'|''|""|(|)|,|;|?|??|:a|::int|:=|\\:|@?|in (|1|1e5|.5|é|\0`.split(
    '|',
  ),
  ...[
    '|',
    ' ',
    '\n',
    '\r\n',
    '\t',
    'select ',
    'insert into t ',
    'begin ',
    'end',
    'create trigger t ',
    'with ',
    'update x set ',
    'explain analyze ',
  ],
];

export const subjects: readonly Subject[] = [
  {
    name: 'the URL of a connection',
    words: [
      'postgresql:',
      '//',
      '/',
      ':',
      '@',
      '?',
      '&',
      '=',
      '%',
      '%20',
      '%zz',
      '%ff',
      '[',
      ']',
      '::1',
      'h',
      'u',
      'secret-p',
      '5432',
      'sqlite:',
      'file:',
      '+pg',
      ',',
      '#',
      ' ',
      '\n',
      '\0',
      'é',
      '__proto__=1',
    ],
    read(text) {
      orRefused(
        () => parseUrl(text),
        ({ dialect, query }) => {
          claim(dialect !== '' && Object.getPrototypeOf(query) === Object.prototype, 'it is a plain answer');
          const password = /^\w+:\/\/u:(secret-p)@/.exec(text)?.[1];
          if (password) claim(!shownUrl(text)?.includes(password), 'the password is not shown');
        },
      );
      orRefused(
        () => parseUrl(`postgresql://u:p@h/${encodeURIComponent(wellFormed(text))}`),
        ({ database }) => claim((database ?? '') === wellFormed(text), 'what was encoded is read as it was'),
      );
    },
  },
  {
    name: 'TOML, JSON and bytes',
    words: [
      '[',
      ']',
      '[[',
      ']]',
      '{',
      '}',
      '=',
      '.',
      ',',
      '"',
      "'",
      '"""',
      "'''",
      '\\',
      '\\u0000',
      '\\UFFFFFFFF',
      '#',
      '\n',
      '\r',
      ' ',
      '\t',
      'a',
      'b',
      '__proto__',
      'constructor',
      'true',
      'nan',
      'inf',
      '-0',
      '1e999',
      '0x',
      '9223372036854775808',
      '1979-05-27',
      '1979-02-30',
      'T07:32:00Z',
      '\ufeff',
      '\0',
      'é',
    ],
    read(text) {
      orRefused(() => parseToml(text, 'file'));
      orRefused(() => parseSecrets(text, 'file'));
      orRefused(() => parseJson(text, 'file'));
      orRefused(() => decodeText(Buffer.from(text, 'latin1'), 'file'));
      claim(({} as Record<string, unknown>)['a'] === undefined, 'no prototype was changed');
    },
  },
  {
    name: 'statements',
    words: sqlWords,
    read(text) {
      for (const language of languages) {
        const found = [...pieces(text, language)];
        claim(found.map((piece) => piece.text).join('') === text, 'the pieces are the statement');
        claim(
          found.every((piece) => piece.text !== ''),
          'no piece is empty',
        );
        withoutLiterals(text, language);
        orRefused(() => guardRead(text, language));
        orRefused(() => guardTransaction(text, language, false));
        orRefused(() => statementsOf({ text: [text], values: [] }, language));
        orRefused(() => bind(text, undefined, language));
        orRefused(() => bind(text, [1, 'b', null], language));
        orRefused(() => bind(text, { a: 1 }, language));
      }
    },
  },
  {
    name: 'references',
    words: [
      '${',
      '$${',
      '}',
      '{',
      '$',
      '${env:',
      '${file:',
      ':-',
      ':',
      'A',
      '/run/x',
      '${env:A}',
      '${env:A:-',
      'B_C',
      '\n',
      '\0',
      'é',
    ],
    read(text) {
      const asked: string[] = [];
      const answer = interpolate(text, ({ name, fallback }) => (asked.push(name), fallback ?? 'answer'));
      if (!text.includes('${')) claim(answer === text, 'a text without references stays as it is');
      claim(interpolate(text.replaceAll('${', '$${').replaceAll('$$${', '$${'), () => 'no').length >= 0, 'it ends');
      strayReference(text);
    },
  },
  {
    name: 'an entry of a shared cache',
    words: [
      'hotline1:',
      'hotline2:',
      '/w8',
      'bwI',
      'IgRyb3dz',
      'QQ',
      'AA',
      'ew',
      '==',
      '____',
      ' ',
      '\0',
      'é',
      'Ik',
      'AP9',
      'IgJhdE4',
    ],
    read(text) {
      for (const entry of [text, `hotline1:${text}`, `hotline1:${Buffer.from(text).toString('base64')}`]) {
        const kept = unpack(entry);
        if (kept) claim(Array.isArray(kept.rows) && Number.isFinite(kept.at), 'it is rows and a time, or nothing');
      }
      const packed = pack({ rows: [{ text }], at: 7 })!;
      claim(unpack(packed)?.rows[0]?.['text'] === text, 'what was kept is found');
      // One of its bytes is another.
      const at = 9 + (text.length % (packed.length - 9));
      const spoiled = unpack(packed.slice(0, at) + (packed[at] === 'A' ? 'B' : 'A') + packed.slice(at + 1));
      if (spoiled) claim(Array.isArray(spoiled.rows), 'a spoiled entry is rows or nothing');
    },
  },
];

/** Inputs of a subject: its words in any order, with any characters between. */
export function inputs({ words }: Subject): fc.Arbitrary<string> {
  const word = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...words) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }) },
  );
  return fc.array(word, { maxLength: 24, size: 'max' }).map((parts) => parts.join(''));
}
