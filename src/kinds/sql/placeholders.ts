import { pieces, type Language } from './lexis.ts';

/** A statement cut at its placeholders: `text[0] slots[0] text[1] slots[1] … text[n]`. */
export interface Template {
  readonly text: readonly string[];
  readonly slots: readonly Slot[];
  /** The names of its slots, each once. */
  readonly names: ReadonlySet<string | undefined>;
}

export interface Slot {
  /** The name in `:name`; `undefined` for a `?`. */
  readonly name: string | undefined;
  /** It is all that stands in an `in (…)`, where an array becomes a list. */
  readonly alone: boolean;
}

/** The form of placeholders: `?`, `:name`, or not known. */
export type Style = 'marks' | 'names' | 'both';

/**
 * Finds the placeholders of a statement, in code only; `::casts` are none. A literal `?` among marks is written `??` or
 * `\?`, except PostgreSQL's operators `?|`, `?&` and `@?`; a literal `:name` is written `\:name`.
 */
export function templateOf(sql: string, style: Style, family: Language): Template {
  const placeholder = placeholderOf(style, family);
  const text = [''];
  const slots: Slot[] = [];
  const say = (piece: string): void => void (text[text.length - 1] += piece);
  for (const piece of pieces(sql, family)) {
    if (piece.is !== 'code') {
      say(piece.text);
      continue;
    }
    let from = 0;
    for (const { 0: match, 1: name, index } of piece.text.matchAll(placeholder)) {
      say(piece.text.slice(from, index));
      from = index + match.length;
      if (match === '??' || match.startsWith('\\')) {
        say(match.slice(1));
        continue;
      }
      const path = family === 'snowflake' && index === 0 && text.at(-1)!.endsWith('"');
      if (path || (name === undefined && match !== '?')) {
        say(match);
        continue;
      }
      slots.push({ name, alone: /\bin\s*\(\s*$/i.test(text.at(-1)!) && /^\s*\)/.test(piece.text.slice(from)) });
      text.push('');
    }
    say(piece.text.slice(from));
  }
  return { text, slots, names: new Set(slots.map(({ name }) => name)) };
}

// `:a::text` is a placeholder and a cast; `a::text`, `x[1:n]` and `:=` hold none. In Snowflake a colon after a value is a path into it.
const nameInSnowflake = /\\:|(?<![:\w\])]):([A-Za-z_]\w*)(?!\w)(?!:(?!:))/g;
const everyName = /\\:|(?<![:\w]):([A-Za-z_]\w*)(?!\w)(?!:(?!:))/g;
const markInPostgres = /\\\?|\?\?|@\?|\?\|(?!\|)|\?&(?!&)|\?/g;
const everyMark = /\\\?|\?\?|\?/g;

const either = (...patterns: readonly RegExp[]): RegExp =>
  new RegExp(patterns.map(({ source }) => source).join('|'), 'g');

const languages: Readonly<Record<'postgresql' | 'snowflake' | 'others', Readonly<Record<Style, RegExp>>>> = {
  postgresql: { marks: markInPostgres, names: everyName, both: either(everyName, markInPostgres) },
  snowflake: { marks: everyMark, names: nameInSnowflake, both: either(nameInSnowflake, everyMark) },
  others: { marks: everyMark, names: everyName, both: either(everyName, everyMark) },
};

function placeholderOf(style: Style, family: Language): RegExp {
  return languages[family === 'postgresql' || family === 'snowflake' ? family : 'others'][style];
}
