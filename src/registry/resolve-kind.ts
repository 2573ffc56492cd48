import { ConfigError } from '../errors/index.ts';
import { nearest } from '../spelling.ts';
import { firstParty, isFirstParty } from './first-party.ts';
import type { KindClass } from './kind.ts';
import { moduleExport } from './module-kind.ts';

/** The type as it was written, and how far it may be trusted. */
export interface WrittenType {
  readonly value: unknown;
  readonly trust: 'local' | 'remote';
  /** Where it was written, for messages. */
  readonly origin: string;
}

/** Finds the class of a connection: the option, `type` in the section, the name itself when it is a first-party one. */
export class Kinds {
  readonly #types: Readonly<Record<string, KindClass>>;
  readonly #root: () => string;
  readonly #loaded = new Map<string, KindClass>();

  constructor(types: Readonly<Record<string, KindClass>>, root: () => string) {
    this.#types = types;
    this.#root = root;
    for (const [name, kind] of Object.entries(types)) checkKind(kind, `types.${name}`, name);
  }

  /** Whether a name says by itself what it is. */
  has(name: string): boolean {
    return Object.hasOwn(this.#types, name) || isFirstParty(name);
  }

  /** The class, at once where it is known already. */
  resolve(name: string, asked: unknown, section: WrittenType | undefined): KindClass | Promise<KindClass> {
    const { value, trust, origin }: WrittenType =
      asked !== undefined ? { value: asked, trust: 'local', origin: 'the call' } : (section ?? this.#byName(name));
    if (typeof value === 'function') return checkKind(value, describe(value), name);
    if (typeof value !== 'string') throw invalid(name, `${origin}: type`);
    const known = Object.hasOwn(this.#types, value) ? this.#types[value] : this.#loaded.get(value);
    if (known) return known;
    if (!isFirstParty(value) && !value.includes('#')) throw this.#unknown(name, value, origin);
    if (!isFirstParty(value) && trust !== 'local')
      throw new ConfigError(
        'untrusted_reference',
        `"${name}": type "${value}" is a module path, and ${origin} is not local. Only code and local sources may name modules.`,
        { connection: name },
      );
    return this.#load(name, value);
  }

  async #load(name: string, value: string): Promise<KindClass> {
    const loaded = isFirstParty(value) ? await firstParty[value]() : await moduleExport(value, this.#root(), name);
    const kind = checkKind(loaded, value, name);
    this.#loaded.set(value, kind);
    return kind;
  }

  #byName(name: string): WrittenType {
    if (this.has(name)) return { value: name, trust: 'local', origin: 'the name' };
    throw new ConfigError(
      'missing_type',
      `"${name}": nothing says what kind of connection this is. Add \`type\` to [connections.${name}], or pass { type }. Short names: ${this.#shortNames.join(', ')}.`,
      { connection: name },
    );
  }

  #unknown(name: string, value: string, origin: string): ConfigError {
    const meant = nearest(value, this.#shortNames);
    return new ConfigError(
      'unknown_type',
      `"${name}": type "${value}" (${origin}) is not known.${meant ? ` Did you mean "${meant}"?` : ''} Short names: ${this.#shortNames.join(', ')}; or register it with createConnections({ types }), or write "<module>#<Export>".`,
      { connection: name },
    );
  }

  get #shortNames(): readonly string[] {
    return [...Object.keys(firstParty), ...Object.keys(this.#types)];
  }
}

/** Two copies of hotline may meet (a development reload), so a kind is known by its shape, not by `instanceof`. */
function checkKind(kind: unknown, what: string, name: string): KindClass {
  const prototype: unknown = typeof kind === 'function' ? kind.prototype : undefined;
  const looks = typeof prototype === 'object' && prototype !== null && 'connect' in prototype && 'use' in prototype;
  if (!looks) throw invalid(name, what);
  return kind as KindClass;
}

function invalid(name: string, what: string): ConfigError {
  return new ConfigError('invalid_type', `"${name}": ${what} is not a class that extends BaseConnection.`, {
    connection: name,
  });
}

function describe(kind: unknown): string {
  return (typeof kind === 'function' && kind.name) || 'the type';
}
