import { realpathSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ConfigError } from '../errors/index.ts';
import type { BaseConnection, Leases } from '../kinds/base/index.ts';
import type { SnowflakeParams } from '../kinds/snowflake/index.ts';
import type { SqlParams } from '../kinds/sql/index.ts';
import { importFile } from '../packages/index.ts';
import { nearest } from '../spelling.ts';

/* eslint-disable @typescript-eslint/no-explicit-any -- a class of any raw resource; `unknown` would refuse them all */
/** A connection class: SqlConnection, SnowflakeConnection, a subclass of BaseConnection of your own. */
export type KindClass<C extends BaseConnection<any> = BaseConnection<any>> = (new (leases: Leases<any>) => C) &
  Pick<typeof BaseConnection, 'settings' | 'schema' | 'overlap' | 'fallbackSettings'>;
/* eslint-enable @typescript-eslint/no-explicit-any */

/** The kinds that have a short name of their own, each loaded when it is first named. */
const firstParty = {
  sql: async () => (await import('../kinds/sql/index.ts')).SqlConnection,
  snowflake: async () => (await import('../kinds/snowflake/index.ts')).SnowflakeConnection,
  snowpark: async () => (await import('../kinds/snowflake/index.ts')).SnowparkConnection,
};

/** The first-party kinds by their short names: `sql`, `snowflake`, `snowpark`. */
export type FirstPartyKinds = {
  readonly [Name in keyof typeof firstParty]: InstanceType<Awaited<ReturnType<(typeof firstParty)[Name]>>>;
};

/** The params that the first-party kinds know, by their short names. */
export interface FirstPartyParams {
  readonly sql: SqlParams;
  readonly snowflake: SnowflakeParams;
  readonly snowpark: SnowflakeParams;
}

function isFirstParty(name: string): name is keyof typeof firstParty {
  return Object.hasOwn(firstParty, name);
}

/**
 * Loads the export that `'<module>#<Export>'` names. Relative modules start at the project's root and may not leave it; all others are
 * packages of the project.
 *
 * @throws ConfigError `invalid_module`.
 */
async function moduleExport(path: string, root: string, connection: string): Promise<unknown> {
  const refuse = (why: string, cause?: unknown): never => {
    throw new ConfigError('invalid_module', `"${connection}": type "${path}" ${why}`, { connection, cause });
  };
  const [specifier = '', name = ''] = path.split('#');
  if (!specifier || !name) return refuse('must read "<module>#<Export>".');
  const url = await locate(specifier, root).catch((cause: unknown) =>
    refuse(`does not resolve from ${root}. Correct the path, or install the package.`, cause),
  );
  const file = url.startsWith('file:') ? url : refuse('is not a module of the project.');
  let inside: boolean;
  try {
    inside = belongs(fileURLToPath(file), root);
  } catch (cause) {
    return refuse(`does not resolve from ${root}. Correct the path, or install the package.`, cause);
  }
  if (!inside) refuse(`leaves the project (${root}). Use a module inside it, or a package.`);
  const module = (await importFile(fileURLToPath(file)).catch((cause: unknown) =>
    refuse('could not be loaded; see cause.', cause),
  )) as Record<string, unknown>;
  return name in module ? module[name] : refuse(`has no export "${name}"; it has ${Object.keys(module).join(', ')}.`);
}

async function locate(specifier: string, root: string): Promise<string> {
  if (specifier.startsWith('.') || specifier.startsWith('/'))
    return pathToFileURL(realpathSync(resolve(root, specifier))).href;
  const { resolve: resolveImport } = await import('import-meta-resolve');
  return resolveImport(specifier, pathToFileURL(join(root, 'package.json')).href);
}

/** Inside the project, or in a node_modules of it or above it (a hoisted package). */
function belongs(file: string, root: string): boolean {
  const path = relative(realpathSync(root), realpathSync(file));
  return !path.startsWith(`..${sep}`) || file.includes(`${sep}node_modules${sep}`);
}

/** The type as it was written, and how far it may be trusted. */
export interface WrittenType {
  readonly value: unknown;
  readonly trust: 'local' | 'remote';
  /** The origin, for messages. */
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

  /** Tells whether a name is also a short name of a kind. */
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
