import { distinctUntilChanged, map, ReplaySubject, share } from 'rxjs';
import { ConfigError, SourceError } from '../errors/index.ts';
import { milliseconds, type Duration } from '../duration/index.ts';
import { asSource } from './as-source.ts';
import { sameState } from './same-secrets.ts';
import type { Source, SourceState } from './source.ts';
import type { Contents } from './watch/contents.ts';
import { watchPath$ } from './watch/watch-path.ts';

/** How a file or directory is watched. */
export interface WatchOptions {
  /**
   * How long nothing may have changed before a file that is written in place is read; milliseconds or `'60ms'`.
   * What is renamed into place is read at once. Default: 60. `0`: at once, so that half a file may be read;
   * `Infinity` throws.
   */
  readonly settle?: Duration;
  /** Ask every 250 ms instead of waiting for the operating system to tell: for network mounts. Default: `false`. */
  readonly usePolling?: boolean;
}

/** How a source made of files is read and watched. */
export interface FileOptions extends WatchOptions {
  /** Whether it may be missing: then it holds nothing, and is read as soon as it appears. Default: `false`. */
  readonly optional?: boolean;
}

/** The options of a watch in plain numbers. */
export function watchOptions({ settle = 60, usePolling = false }: WatchOptions): {
  settle: number;
  usePolling: boolean;
} {
  const wait = milliseconds(settle, 'settle');
  if (wait === Infinity)
    throw new ConfigError('invalid_argument', 'settle: Infinity would never read a file that is written in place.');
  return { settle: wait, usePolling };
}

/** The source of what `parse` makes of a path's contents; the errors that it throws are states. */
export function fileSource(
  path: string,
  { optional = false, ...options }: FileOptions,
  parse: (contents: Contents & { kind: 'file' | 'directory' }) => SourceState,
): Source {
  let look = () => Promise.resolve();
  const onStart = (started: typeof look) => void (look = started);
  const states$ = watchPath$(path, { ...watchOptions(options), onStart }).pipe(
    map((contents): SourceState => {
      if (contents.kind === 'missing') return missing(path, optional);
      try {
        if (contents.kind !== 'unreadable') return parse(contents);
        throw unreadable(contents);
      } catch (error) {
        return failed(path, error);
      }
    }),
    distinctUntilChanged(sameState),
    share({ connector: () => new ReplaySubject(1) }),
  );
  return asSource(states$, { label: path, look: () => look() });
}

/** What hinders reading a file, as people say it. */
export function unreadable({ path, code }: { readonly path: string; readonly code: string }): SourceError {
  const why = reasons[code] ?? `cannot be read (${code})`;
  return new SourceError('source_unreadable', `${path} ${why}.`);
}

const reasons: Record<string, string> = {
  EACCES: 'may not be read by this process: permission denied',
  EPERM: 'may not be read by this process: permission denied',
  ELOOP: 'is a link that leads in a circle',
  EFTYPE: 'is neither a file nor a directory',
};

function missing(path: string, optional: boolean): SourceState {
  if (optional) return { state: 'missing', trust: 'local' };
  const error = new SourceError('source_missing', `${path} is not there. Create it, or mark it { optional: true }.`);
  return { state: 'missing', trust: 'local', error };
}

function failed(path: string, thrown: unknown): SourceState {
  const error = thrown instanceof SourceError ? thrown : new SourceError('source_invalid', `${path} cannot be parsed.`);
  return { state: 'failed', trust: 'local', error };
}
