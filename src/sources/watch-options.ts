import { milliseconds, type Duration } from '../duration/index.ts';
import { ConfigError } from '../errors/index.ts';

/** How a file or directory is watched. */
export interface WatchOptions {
  /**
   * How long nothing may have changed before a file that is written in place is read; milliseconds or `'60ms'`.
   * What is put in place whole is read at once. Default: 60. `0`: at once, so that half a file may be read;
   * `Infinity` throws.
   */
  readonly settle?: Duration;
  /** Ask every 250 ms instead of waiting for the operating system to tell: for network mounts. Default: `false`. */
  readonly usePolling?: boolean;
}

/** The options as the watcher takes them. */
export function watchOptions({ settle = 60, usePolling = false }: WatchOptions): {
  settle: number;
  usePolling: boolean;
} {
  const wait = milliseconds(settle, 'settle');
  if (wait === Infinity)
    throw new ConfigError('invalid_argument', 'settle: Infinity would never read a file that is written in place.');
  return { settle: wait, usePolling };
}
