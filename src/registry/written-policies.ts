import { named } from '../errors/index.ts';
import { readPolicies, type Policies } from '../policy/index.ts';
import type { ConnectionConfig } from '../secrets/index.ts';

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
    throw named(error, name);
  }
}
