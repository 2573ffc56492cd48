import { named } from '../errors/index.ts';
import { canonical, References } from './canonical.ts';
import type { KindClass } from './kind.ts';

/** The texts by which a registry tells apart what it was asked for, and the ids by which it tells of it. */
export class Naming {
  readonly #references = new References();
  readonly #ids = new Set<string>();
  #lastNumber = 0;

  /**
   * The key of a request with options. It has a line break, and no name has.
   *
   * @throws ConfigError `invalid_argument` for options that contain themselves.
   */
  requestKey(name: string, options: object): string {
    return [name, this.params(name, options)].join('\n');
  }

  /** Equal for equal params. */
  params(name: string, params: object): string {
    try {
      return canonical(params, this.#references);
    } catch (error) {
      throw named(error, name);
    }
  }

  /** Equal for equal identities. Joined, not templated: a text of many pieces is kept as all of them. */
  identityKey(name: string, Kind: KindClass, params: string): string {
    return [name.length, name, this.#references.number(Kind), params].join(':');
  }

  /** The name where that says enough, else with a number. */
  newId(name: string, params: object): string {
    let id = name;
    while (this.#ids.has(id) || (id === name && Object.keys(params).length > 0)) id = `${name}~${++this.#lastNumber}`;
    return id;
  }

  taken(id: string): void {
    this.#ids.add(id);
  }

  free(id: string): void {
    this.#ids.delete(id);
  }
}
