import { canonical, deepest, referenceNames } from '../canonical.ts';
import { ConfigError } from '../errors/index.ts';
import type { KindClass } from './kinds.ts';

/** The identity of a connection: resolved name, class, params. Never policy, never the order of keys. */
export interface Identity {
  /** Equal for equal identities. */
  readonly key: string;
  /** The id by which events call it. */
  readonly id: string;
  readonly name: string;
  readonly Kind: KindClass;
  readonly params: Readonly<Record<string, unknown>>;
}

/** The keys of requests and identities, and the ids of connections, of one registry. */
export class IdentityKeys {
  readonly #ids = new Set<string>();
  #lastReference = 0;
  readonly #nameOf = referenceNames(() => String(++this.#lastReference));
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
    const text = canonical(params, this.#nameOf);
    if (text !== undefined) return text;
    const message = `"${name}": an option is nested more than ${deepest} levels deep, or contains itself. Pass plain values.`;
    throw new ConfigError('invalid_argument', message, { connection: name });
  }

  /** Equal for equal identities. Joined, not templated: V8 keeps a template of many pieces as all of them. */
  identityKey(name: string, Kind: KindClass, params: string): string {
    return [name.length, name, this.#nameOf(Kind), params].join(':');
  }

  /** The name where it tells the connection apart, else the name with a number. */
  newId(name: string, params: object): string {
    let id = name;
    while (this.#ids.has(id) || (id === name && Object.keys(params).length > 0)) id = `${name}~${++this.#lastNumber}`;
    return id;
  }

  take(id: string): void {
    this.#ids.add(id);
  }

  free(id: string): void {
    this.#ids.delete(id);
  }
}
