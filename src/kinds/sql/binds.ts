import { QueryError } from '../../errors/index.ts';
import type { Params } from '../../queries/index.ts';
import { pieces, type Language } from './lexis.ts';

/** A statement cut at its placeholders: `text[0] values[0] text[1] values[1] … text[n]`. */
export interface Bound {
  readonly text: readonly string[];
  readonly values: readonly unknown[];
}

/**
 * Puts the params to the placeholders of a statement: an array for `?`, an object for `:name`. Placeholders are looked
 * for in code only, and `::casts` are none. A literal `?` in a statement with an array is written `??` or `\?`, except
 * PostgreSQL's operators `?|`, `?&` and `@?`; a literal `:name` is written `\:name`. An array as the only value of
 * `in (…)` becomes a list.
 *
 * @throws QueryError `invalid_bind` naming the placeholder, never a value.
 */
export function bind(sql: string, params: Params | undefined, family: Language): Bound {
  if (params === undefined && !sql.includes(':')) return { text: [sql], values: [] };
  const placeholder = placeholderOf(params, family);
  const values = new Values(params);
  const text = [''];
  const bound: unknown[] = [];
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
      const value = values.take(name);
      const alone =
        Array.isArray(value) && /\bin\s*\(\s*$/i.test(text.at(-1)!) && /^\s*\)/.test(piece.text.slice(from));
      for (const [at, item] of (alone ? listed(value, values.label) : [value]).entries()) {
        if (at > 0) say(', ');
        bound.push(sendable(item, values.label, family));
        text.push('');
      }
    }
    say(piece.text.slice(from));
  }
  values.end();
  return { text, values: bound };
}

// `:a::text` is a placeholder and a cast; `a::text`, `x[1:n]` and `:=` hold none. In Snowflake a colon after a value is a path into it.
const nameInSnowflake = /\\:|(?<![:\w\])]):([A-Za-z_]\w*)(?!\w)(?!:(?!:))/g;
const everyName = /\\:|(?<![:\w]):([A-Za-z_]\w*)(?!\w)(?!:(?!:))/g;
const markInPostgres = /\\\?|\?\?|@\?|\?\|(?!\|)|\?&(?!&)|\?/g;
const everyMark = /\\\?|\?\?|\?/g;

function placeholderOf(params: Params | undefined, family: Language): RegExp {
  if (Array.isArray(params)) return family === 'postgresql' ? markInPostgres : everyMark;
  return family === 'snowflake' ? nameInSnowflake : everyName;
}

/** The params of a statement, counted as they are used. */
class Values {
  readonly #params: Params | undefined;
  readonly #used = new Set<string>();
  #position = 0;
  /** The placeholder that was taken last, as messages call it. */
  label = '';

  constructor(params: Params | undefined) {
    this.#params = params;
  }

  take(name: string | undefined): unknown {
    const params = this.#params;
    this.label = name === undefined ? `? number ${(this.#position += 1)}` : `:${name}`;
    if (params !== undefined && Array.isArray(params)) {
      if (this.#position > params.length)
        throw invalid(`there is no value for ${this.label}; \`params\` has ${params.length}`);
      return params[this.#position - 1];
    }
    if (name === undefined || params === undefined || !Object.hasOwn(params, name))
      throw invalid(`there is no value for ${this.label}`);
    this.#used.add(name);
    return (params as Readonly<Record<string, unknown>>)[name];
  }

  end(): void {
    const params = this.#params ?? [];
    if (Array.isArray(params)) {
      if (params.length > this.#position)
        throw invalid(`\`params\` has ${params.length} values for ${this.#position} placeholders`);
      return;
    }
    const unknown = Object.keys(params).filter((name) => !this.#used.has(name));
    if (unknown.length > 0)
      throw invalid(`the statement has no placeholder ${unknown.map((name) => `:${name}`).join(', ')}`);
  }
}

function listed(value: readonly unknown[], label: string): readonly unknown[] {
  if (value.length > 0) return value;
  throw invalid(`the list for ${label} is empty, and SQL has no \`in ()\`: leave the condition out, or do not ask`);
}

/** What the drivers of a family send as one value. */
function sendable(value: unknown, label: string, family: Language): unknown {
  if (value === undefined) throw invalid(`the value for ${label} is undefined; use null for NULL`);
  if (typeof value === 'function' || typeof value === 'symbol')
    throw invalid(`the value for ${label} is a ${typeof value}, which cannot be sent`);
  if (value instanceof Date && Number.isNaN(value.getTime()))
    throw invalid(`the value for ${label} is an invalid date`);
  if (typeof value !== 'object' || value === null || value instanceof Date || ArrayBuffer.isView(value)) return value;
  if (family === 'snowflake') return value;
  if (value instanceof ArrayBuffer) return Buffer.from(value);
  if (!Array.isArray(value)) return JSON.stringify(value);
  if (family === 'postgresql') return value;
  throw invalid(`the value for ${label} is an array: ${family} takes one in \`in (…)\` only, or as JSON text`);
}

function invalid(why: string): QueryError {
  return new QueryError('invalid_bind', `${why}.`);
}
