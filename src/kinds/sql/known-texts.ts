import { LRUCache } from 'lru-cache';
import type { Params, ReadMethod } from '../query/index.ts';
import { filled, styleOf, type Bound } from './binds.ts';
import type { Language } from './lexis.ts';
import { templateOf, type Style, type Template } from './placeholders.ts';
import { guardRead, guardTransaction } from './write-guard.ts';

/** Characters of all texts together, and of one: a program has few texts that come again, and those are short. */
const limits = { max: 500, maxSize: 500_000, maxEntrySize: 20_000 };

/** Reads the text of each statement once, however often it is sent. */
export class KnownTexts {
  readonly #family: Language;
  readonly #known = new LRUCache<string, KnownText>({ ...limits, sizeCalculation: (_known, sql) => sql.length + 1 });

  constructor(family: Language) {
    this.#family = family;
  }

  of(sql: string): KnownText {
    const found = this.#known.get(sql);
    if (found) return found;
    const known = new KnownText(sql, this.#family);
    this.#known.set(sql, known);
    return known;
  }
}

/** One text, and what was read in it. */
class KnownText {
  readonly #sql: string;
  readonly #family: Language;
  readonly #templates: { [style in Style]?: Template } = {};
  #reads = false;
  readonly #fits = { inside: false, outside: false };

  constructor(sql: string, family: Language) {
    this.#sql = sql;
    this.#family = family;
  }

  /** @throws QueryError `write_in_query`. */
  guardRead(method?: ReadMethod): void {
    if (this.#reads) return;
    guardRead(this.#sql, this.#family, method);
    this.#reads = true;
  }

  /** For a statement that may write. @throws QueryError `not_supported`. */
  guardTransaction(place: 'inside' | 'outside'): void {
    if (this.#fits[place]) return;
    guardTransaction(this.#sql, this.#family, place === 'inside');
    this.#fits[place] = true;
  }

  /** @throws QueryError `invalid_bind`. */
  bind(params: Params | undefined): Bound {
    const style = styleOf(this.#sql, params, this.#family);
    if (!style) return { text: [this.#sql], values: [] };
    return filled((this.#templates[style] ??= templateOf(this.#sql, style, this.#family)), params, this.#family);
  }
}
