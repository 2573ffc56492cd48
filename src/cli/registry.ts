import { createConnections, tomlFile, type ConnectionRegistry, type CreateConnectionsOptions } from '../index.ts';
import type { CommonOptions } from './console.ts';

/** Time for leases and closes when the command ends, in milliseconds. */
const patience = 700;

/** Runs `work` on a registry of the secrets that the options name, and closes it, whatever happens. */
export async function withRegistry<T>(
  { secrets, environment }: CommonOptions,
  work: (hot: ConnectionRegistry) => Promise<T>,
  options: CreateConnectionsOptions = {},
): Promise<T> {
  const sources = secrets && { sources: secrets.map((path) => tomlFile(path)) };
  const hot = createConnections({ ...sources, ...(environment && { environment }), ...options });
  try {
    return await work(hot);
  } finally {
    await hot.close({ timeout: patience });
  }
}
