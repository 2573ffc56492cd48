import { QueryError } from '../../errors/index.ts';
import type { Params } from '../query/index.ts';
import { JsonValue } from './json.ts';
import type { Language } from './lexis.ts';
import { templateOf, type Style, type Template } from './placeholders.ts';

/** A statement and its values: `text[0] values[0] text[1] values[1] … text[n]`. */
export interface Bound {
  readonly text: readonly string[];
  readonly values: readonly unknown[];
  /** The text with a `?` for each value, where it is of hotline's own making: it is one statement, and begins and ends no transaction. */
  readonly whole?: string | undefined;
}

const bound = Symbol('a statement that is bound already');

/** The params of a statement of hotline's own making; nobody outside can make them. The values are there to be found where an error quotes them. */
export function wholly(statement: Bound & { readonly whole: string }): Params {
  return { values: statement.values, [bound]: statement } as Params;
}

/** The statement whose params `wholly` made. */
export function boundWholly(params: Params | undefined): Bound | undefined {
  return (params as { readonly [bound]?: Bound } | undefined | null)?.[bound];
}

/**
 * Puts the params to the placeholders of a statement: an array for `?`, an object for `:name`. An array as the only
 * value of `in (…)` becomes a list.
 *
 * @throws QueryError `invalid_bind` naming the placeholder, never a value.
 */
export function bind(sql: string, params: Params | undefined, family: Language): Bound {
  const style = styleOf(sql, params, family);
  return style ? filled(templateOf(sql, style, family), params, family) : { text: [sql], values: [] };
}

/** How the placeholders are written that a statement may have; `undefined` where it goes as it is written. */
export function styleOf(sql: string, params: Params | undefined, family: Language): Style | undefined {
  if (params === undefined || params === null) {
    // Without params a `?` is an operator of PostgreSQL, and lacks its value everywhere else.
    if (family === 'postgresql') return sql.includes(':') ? 'names' : undefined;
    return /[?:]/.test(sql) ? 'both' : undefined;
  }
  if (typeof params === 'object') return Array.isArray(params) ? 'marks' : 'names';
  throw invalid(`\`params\` is a ${typeof params}: expected an array for ?, or an object for :name`);
}

/**
 * The params in the slots of a template of their style.
 *
 * @throws QueryError `invalid_bind`.
 */
export function filled({ text, slots, names }: Template, params: Params | undefined, family: Language): Bound {
  const taken = new Values(params);
  const values: unknown[] = [];
  let spread: string[] | undefined;
  for (let at = 0; at < slots.length; at++) {
    const { name, alone } = slots[at]!;
    const value = taken.take(name);
    const list = alone && Array.isArray(value) ? listed(value, taken) : undefined;
    for (const item of list ?? [value]) values.push(sendable(item, taken, family));
    // Without a list the text is the template's own.
    if (list) spread ??= text.slice(0, at + 1);
    spread?.push(...Array<string>(list ? list.length - 1 : 0).fill(', '), text[at + 1]!);
  }
  taken.end(text, names);
  const most = limits[family];
  if (most !== undefined && values.length > most)
    throw invalid(
      `the statement has ${values.length} values, and ${family} takes ${most} at most: ${cures[family] ?? 'send it in several parts'}; \`insertRows\` inserts any number of rows`,
    );
  return { text: spread ?? text, values };
}

/** The most values of a statement; where it is not given, the server decides. */
const limits: Partial<Record<Language, number>> = { postgresql: 65_535, sqlite: 32_766, mssql: 2_098 };

/** The ways to bind any number of values as one. */
const cures: Partial<Record<Language, string>> = {
  postgresql: 'bind one array, `id = any(:ids)`',
  sqlite: 'bind one JSON text, `id in (select value from json_each(:ids))`',
  mssql: 'bind one JSON text, `id in (select value from openjson(:ids))`',
};

/** The params of a statement, in the order of its placeholders. */
class Values {
  readonly #params: Params | undefined;
  #position = 0;
  #name: string | undefined;

  constructor(params: Params | undefined) {
    this.#params = params ?? undefined;
  }

  /** The placeholder that was taken last, as messages call it. */
  get label(): string {
    return this.#name === undefined ? `? number ${this.#position}` : `:${this.#name}`;
  }

  take(name: string | undefined): unknown {
    const params = this.#params;
    this.#name = name;
    if (name === undefined) this.#position += 1;
    if (params !== undefined && Array.isArray(params)) {
      if (this.#position > params.length)
        throw invalid(`there is no value for ${this.label}; \`params\` has ${params.length}`);
      return params[this.#position - 1];
    }
    if (name === undefined || params === undefined || !Object.hasOwn(params, name))
      throw invalid(`there is no value for ${this.label}`);
    return (params as Readonly<Record<string, unknown>>)[name];
  }

  /** `names`: those of the placeholders, all of which have their values. `text` says what may have been meant. */
  end(text: readonly string[], names: Template['names']): void {
    const params = this.#params ?? [];
    if (Array.isArray(params)) {
      if (params.length > this.#position)
        throw invalid(`\`params\` has ${params.length} values for ${this.#position} placeholders${foreign(text)}`);
      return;
    }
    const given = Object.keys(params);
    if (given.length === names.size) return;
    const unknown = given.filter((name) => !names.has(name));
    if (unknown.length > 0)
      throw invalid(`the statement has no placeholder ${unknown.map((name) => `:${name}`).join(', ')}${foreign(text)}`);
  }
}

/** Says so where a statement has what other clients take for placeholders. */
function foreign(text: readonly string[]): string {
  const found = /\$\d+|%\(\w+\)s|%s|(?<![\w@])@\w+|(?<![\w:]):\d+/.exec(text.join('?'))?.[0];
  return found === undefined ? '' : `; placeholders are ? and :name here, and not ${found}`;
}

function listed(value: readonly unknown[], at: Values): readonly unknown[] {
  if (value.length > 0) return value;
  throw invalid(`the list for ${at.label} is empty, and SQL has no \`in ()\`: leave the condition out, or do not ask`);
}

/** The form in which the drivers of a family send one value. @throws QueryError `invalid_bind` naming the place `at`. */
export function sendable(value: unknown, at: Pick<Values, 'label'>, family: Language): unknown {
  if (value === undefined) throw invalid(`the value for ${at.label} is undefined; use null for NULL`);
  if (typeof value === 'function' || typeof value === 'symbol')
    throw invalid(`the value for ${at.label} is a ${typeof value}, which cannot be sent`);
  if (value instanceof Date && Number.isNaN(value.getTime()))
    throw invalid(`the value for ${at.label} is an invalid date`);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (family === 'snowflake') return value;
  // Drivers know the bytes of a Buffer, and take other views for objects.
  if (ArrayBuffer.isView(value))
    return Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof JsonValue) return jsonOf(value, at);
  // What the driver gave (an interval, a range) says itself how it is written.
  if (family === 'postgresql' && 'toPostgres' in value && typeof value.toPostgres === 'function') return value;
  if (value instanceof ArrayBuffer) return Buffer.from(value);
  if (!Array.isArray(value)) return jsonOf(value, at);
  if (family === 'postgresql') return value;
  throw invalid(`the value for ${at.label} is an array: ${family} takes one in \`in (…)\` only, or as JSON text`);
}

/** @throws QueryError `invalid_bind` for what is nested too deeply, holds itself or a bigint. */
function jsonOf(value: object, at: Pick<Values, 'label'>): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    // Said below.
  }
  if (text !== undefined) return text;
  throw invalid(
    `the value for ${at.label} cannot be written as JSON: it is nested too deeply, holds itself or a bigint, or is nothing that JSON has`,
  );
}

function invalid(why: string): QueryError {
  return new QueryError('invalid_bind', `${why}.`);
}
