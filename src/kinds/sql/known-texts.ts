import { LRUCache } from 'lru-cache';
import type { Params, ReadMethod } from '../query/index.ts';
import { filled, styleOf, type Bound } from './binds.ts';
import type { Language } from './lexis.ts';
import { templateOf, type Style, type Template } from './placeholders.ts';
import { guardRead, guardTransaction } from './write-guard.ts';

/** The facts that are known of one text. */
type Known = { [style in Style]?: Template } & { reads?: true; outside?: true; inside?: true };

/** Characters of all texts together, and of one: a program has few texts that come again, and those are short. */
const limits = { max: 500, maxSize: 500_000, maxEntrySize: 20_000 };

/** Reads the text of each statement once, however often it is sent. */
export class KnownTexts {
  readonly #family: Language;
  readonly #known = new LRUCache<string, Known>({ ...limits, sizeCalculation: (_known, sql) => sql.length + 1 });

  constructor(family: Language) {
    this.#family = family;
  }

  /** @throws QueryError `write_in_query`. */
  guardRead(sql: string, method?: ReadMethod): void {
    const known = this.#of(sql);
    if (known.reads) return;
    guardRead(sql, this.#family, method);
    known.reads = true;
  }

  /** For a statement that may write. @throws QueryError `not_supported`. */
  guardTransaction(sql: string, place: 'inside' | 'outside'): void {
    const known = this.#of(sql);
    if (known[place]) return;
    guardTransaction(sql, this.#family, place === 'inside');
    known[place] = true;
  }

  /** @throws QueryError `invalid_bind`. */
  bind(sql: string, params: Params | undefined): Bound {
    const style = styleOf(sql, params, this.#family);
    if (!style) return { text: [sql], values: [] };
    const template = (this.#of(sql)[style] ??= templateOf(sql, style, this.#family));
    return filled(template, params, this.#family);
  }

  #of(sql: string): Known {
    const found = this.#known.get(sql);
    if (found) return found;
    const known: Known = {};
    this.#known.set(sql, known);
    return known;
  }
}
