import { ConfigError } from '../errors/index.ts';
import { policyNames, readPolicies, type Policies, type PolicyOptions } from '../lifecycle/index.ts';
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
  const given = options.params ?? {};
  if (typeof given !== 'object' || Array.isArray(given))
    throw new ConfigError('invalid_argument', `"${name}": params must be an object.`, { connection: name });
  const beside = Object.entries(options).filter(([key, value]) => !ours.has(key) && value !== undefined);
  return {
    type: options.type,
    policies: readPolicies(options, 'code', `"${name}": `),
    params: Object.freeze({ ...Object.fromEntries(beside), ...given }),
  };
}
