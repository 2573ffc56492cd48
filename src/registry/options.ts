import { ConfigError, withConnection } from '../errors/index.ts';
import { givesCredentials, opaque, providerOf } from '../credentials/index.ts';
import { policyNames, readPolicies, type Policies, type PolicyOptions } from '../policy/index.ts';
import type { ConnectionConfig } from '../secrets/index.ts';
import { sameButSpelling } from '../spelling.ts';
import { isTable, mergeTables } from '../table.ts';
import type { FirstPartyKinds, FirstPartyParams, KindClass } from './kinds.ts';

const prefix = 'env:';

/**
 * The name that was asked for, which may be `env:VAR`. What the variable says is no part of any message: it may be a
 * secret, until it has turned out to be the name of a connection.
 *
 * @throws ConfigError `invalid_argument`, `missing_name`.
 */
export function askedName(asked: unknown): string {
  if (typeof asked !== 'string' || asked === '' || asked.includes('\n'))
    throw new ConfigError('invalid_argument', 'The name of a connection must be one line of text that is not empty.');
  if (nameMeant(asked)) return asked;
  const variable = asked.slice(prefix.length);
  throw new ConfigError(
    'missing_name',
    `"${asked}": the environment variable ${variable} is not set. Set it to the name of a connection.`,
    { connection: asked },
  );
}

/** Tells whether a name stands for the one in an environment variable. */
export function isVariable(asked: string): boolean {
  return asked.startsWith(prefix);
}

/** The name of the connection; `undefined` where the environment variable is not set. */
export function nameMeant(asked: string): string | undefined {
  if (!isVariable(asked)) return asked;
  const variable = asked.slice(prefix.length);
  // What every object inherits is no variable.
  return Object.hasOwn(process.env, variable) ? process.env[variable] : undefined;
}

interface OwnOptions extends PolicyOptions {
  /** A class, a short name, or `'<module>#<Export>'`. Default: `type` in the section, or the name itself. */
  readonly type?: KindClass | string;
  /** Params that are named like a policy or like an option. They go over the params beside them. */
  readonly params?: Readonly<Record<string, unknown>>;
}

/** The short name of a class; of its subclasses only where they have no member of their own. */
type ShortName<C> = {
  [Name in keyof FirstPartyKinds]: [C, FirstPartyKinds[Name]] extends [FirstPartyKinds[Name], C] ? Name : never;
}[keyof FirstPartyKinds];

/**
 * The options for a connection of a class. For a first-party kind that the call names, the type checker refuses a param that is no setting of
 * it; a param of your own goes into `params`.
 */
export type OptionsOf<C> = [0 extends 1 & C ? never : ShortName<C>] extends [never]
  ? ConnectionOptions
  : OwnOptions & FirstPartyParams[ShortName<C>];

/** Policy and params side by side, as in Streamlit; `params` holds those that are named like a policy. */
export interface ConnectionOptions extends OwnOptions {
  /** Any other key is a param: it goes over the same key of the section. */
  readonly [param: string]: unknown;
}

/** Splits the signal of one call from the other options. */
export function splitSignal(options: (ConnectionOptions & { readonly signal?: AbortSignal | undefined }) | undefined): {
  readonly signal?: AbortSignal | undefined;
  readonly asked: ConnectionOptions | undefined;
} {
  if (options?.signal === undefined) return { asked: options };
  const { signal, ...rest } = options;
  return { signal, asked: Object.keys(rest).length > 0 ? rest : undefined };
}

/** The options of one call, taken apart. */
export interface Asked {
  /** The provider of credentials, which is no part of the identity. */
  readonly credentials?: unknown;
  readonly type: KindClass | string | undefined;
  readonly policies: Partial<Policies>;
  readonly params: Readonly<Record<string, unknown>>;
  /** Tells whether the call has `params`, though there may be none in them. */
  readonly givesParams: boolean;
}

const nothing: Asked = { type: undefined, policies: {}, params: {}, givesParams: false };
const ours: ReadonlySet<string> = new Set([...policyNames, 'type', 'params', 'signal']);

/**
 * Takes options apart.
 *
 * @throws ConfigError `invalid_policy` or `invalid_argument`.
 */
export function readOptions(name: string, options: ConnectionOptions | undefined): Asked {
  if (options === undefined) return nothing;
  const { params: given = {} } = object(options, 'options', name);
  const beside = Object.entries(options).filter(([key, value]) => !ours.has(key) && value !== undefined);
  for (const [key] of beside) refuseMisspelt(key, name);
  // A copy: what the caller does to them later is not what was asked for.
  const all = mergeTables(mergeTables({}, Object.fromEntries(beside)), withoutProvider(object(given, 'params', name)));
  const credentials = providerIn(options);
  return {
    type: options.type,
    policies: policiesOf(options, name),
    givesParams: options.params !== undefined,
    params: Object.freeze(withoutProvider(all)),
    ...(credentials !== undefined && { credentials }),
  };
}

/**
 * The provider of credentials among options.
 *
 * @throws ConfigError `invalid_config` for one with words that mean nothing.
 */
export function providerIn({ params, credentials }: ConnectionOptions): unknown {
  return opaque([params?.['credentials'], credentials].find(givesCredentials));
}

/** The part of options by which two calls mean one connection: a program that writes a provider into a call makes another one each time. */
export function identifying(options: ConnectionOptions): ConnectionOptions {
  const { params } = options;
  const inner = typeof params === 'object' && params !== null ? withoutProvider(params) : params;
  const outer = withoutProvider(options);
  return inner === undefined || inner === params ? outer : { ...outer, params: inner };
}

function withoutProvider<T extends Readonly<Record<string, unknown>>>(options: T): T {
  if (!givesCredentials(options['credentials'])) return options;
  const { credentials: _credentials, ...rest } = options;
  return rest as unknown as T;
}

/** A policy in another spelling would be a param: it would do nothing, and open a second connection. */
function refuseMisspelt(key: string, name: string): void {
  const meant = sameButSpelling(key, ours);
  if (meant === undefined) return;
  const message = `"${name}": "${key}" is no option. Did you mean "${meant}"? A param of that name goes into \`params\`.`;
  throw new ConfigError('invalid_argument', message, { connection: name });
}

function object<T>(value: T, what: string, name: string): T {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new ConfigError('invalid_argument', `"${name}": ${what} must be an object.`, { connection: name });
}

function policiesOf(options: ConnectionOptions, name: string): Partial<Policies> {
  try {
    return readPolicies(options, 'code');
  } catch (error) {
    throw withConnection(error, name);
  }
}

/**
 * The policies in the section of a connection.
 *
 * @throws ConfigError `invalid_policy`, which says where it is written.
 */
export function writtenPolicies({ policies, name }: ConnectionConfig): Partial<Policies> | undefined {
  const entries = Object.entries(policies);
  if (entries.length === 0) return undefined;
  const values = Object.fromEntries(entries.map(([key, { value }]) => [key, value]));
  try {
    return readPolicies(values, 'file', `[connections.${name}] in ${entries[0]?.[1].origin}: `);
  } catch (error) {
    throw withConnection(error, name);
  }
}

/**
 * Refuses options that would fail later with a worse message.
 *
 * @throws ConfigError `invalid_argument`.
 */
export function refuseUnusable(options: unknown, sources: unknown): void {
  const invalid = (why: string): never => {
    throw new ConfigError('invalid_argument', `createConnections: ${why}`);
  };
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    return invalid('options must be an object.');
  for (const name of ['root', 'instance', 'environment']) {
    const value: unknown = (options as Readonly<Record<string, unknown>>)[name];
    if (value !== undefined && typeof value !== 'string') return invalid(`${name} must be a text.`);
  }
  const { scheduler } = options as { scheduler?: { now?: unknown; schedule?: unknown } };
  const runs =
    scheduler === undefined || [scheduler?.now, scheduler?.schedule].every((part) => typeof part === 'function');
  if (!runs) return invalid('scheduler must be a scheduler of RxJS.');
  if (!Array.isArray(sources)) return invalid("sources must be an array, such as [tomlFile('secrets.toml')].");
  const none = sources.findIndex((source) => typeof source !== 'object' || source === null);
  if (none >= 0)
    return invalid(`number ${none + 1} of the sources is no Observable. Write tomlFile('secrets.toml') for a file.`);
}

/** Providers by name, refused at once where they are none. */
export function providersOf(given: unknown = {}): Readonly<Record<string, unknown>> {
  if (!isTable(given)) throw new ConfigError('invalid_argument', 'createConnections: credentials must be an object.');
  const wrong = Object.keys(given).find((name) => typeof given[name] === 'string' || !providerOf(given[name]));
  if (wrong !== undefined)
    throw new ConfigError('invalid_argument', `createConnections: credentials.${wrong}: expected a provider.`);
  return given;
}
