import { performance } from 'node:perf_hooks';
import { HotlineError, type ConnectionRegistry } from '../index.ts';
import type { Found } from './connection.ts';

/** How it went with one connection. */
export interface Checked extends Found {
  /** Milliseconds from asking to an instance that serves, or to the failure. */
  readonly opened: number;
  /** Milliseconds of one ping after that. */
  readonly ping?: number;
}

/** Opens a connection and pings it. */
export async function checkConnection(hot: ConnectionRegistry, found: Found, signal: AbortSignal): Promise<Checked> {
  const start = performance.now();
  let opened: number | undefined;
  try {
    if (found.error) throw found.error;
    const handle = await hot.connection(found.name, { signal });
    opened = performance.now() - start;
    await handle.ping({ signal });
    return { ...found, opened, ping: performance.now() - start - opened };
  } catch (error) {
    if (!(error instanceof HotlineError)) throw error;
    return { ...found, opened: opened ?? performance.now() - start, error };
  }
}
