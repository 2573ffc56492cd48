import { ConfigError, named } from '../errors/index.ts';
import { policyNames, readPolicies, type Policies, type PolicyOptions } from '../policy/index.ts';
import { over } from '../secrets/index.ts';
import type { KindClass } from './kind.ts';

/** Policy and params side by side, as in Streamlit; `params` holds those that are named like a policy. */
export interface ConnectionOptions extends PolicyOptions {
  /** A class, a short name, or `'<module>#<Export>'`. Default: `type` in the section, or the name itself. */
  readonly type?: KindClass | string;
  /** Params that are named like a policy or like an option. They go over the params beside them. */
  readonly params?: Readonly<Record<string, unknown>>;
  /** Any other key is a param: it goes over the same key of the section. */
  readonly [param: string]: unknown;
}

/** Takes the signal of one call apart from what is asked for. */
export function splitSignal(options: (ConnectionOptions & { readonly signal?: AbortSignal | undefined }) | undefined): {
  readonly signal?: AbortSignal | undefined;
  readonly asked: ConnectionOptions | undefined;
} {
  if (options?.signal === undefined) return { asked: options };
  const { signal, ...rest } = options;
  return { signal, asked: Object.keys(rest).length > 0 ? rest : undefined };
}

/** What the options of one call say. */
export interface Asked {
  readonly type: KindClass | string | undefined;
  readonly policies: Partial<Policies>;
  readonly params: Readonly<Record<string, unknown>>;
}

const nothing: Asked = { type: undefined, policies: {}, params: {} };
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
  return {
    type: options.type,
    policies: policiesOf(options, name),
    // A copy: what the caller does to them later is not what was asked for.
    params: Object.freeze(over(over({}, Object.fromEntries(beside)), object(given, 'params', name))),
  };
}

function object<T>(value: T, what: string, name: string): T {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new ConfigError('invalid_argument', `"${name}": ${what} must be an object.`, { connection: name });
}

function policiesOf(options: ConnectionOptions, name: string): Partial<Policies> {
  try {
    return readPolicies(options, 'code');
  } catch (error) {
    throw named(error, name);
  }
}
