import { combineLatest, map } from 'rxjs';
import { join } from 'node:path';
import { readable, SourceError } from '../errors/index.ts';
import { asSource } from './as-source.ts';
import { failedState } from './failed-state.ts';
import type { FileOptions } from './file-source.ts';
import { absolutePath } from './path.ts';
import { snowflakeTree, type SnowflakeFile } from './snowflake-tree.ts';
import type { Source, SourceState } from './source.ts';
import { watchOptions } from './watch-options.ts';
import type { Contents } from './watch/contents.ts';
import { unreadable } from './watch/unreadable.ts';
import { watchPath$ } from './watch/watch-path.ts';

/** How Snowflake's own files are found and watched. */
export interface SnowflakeFilesOptions extends FileOptions {
  /** The directory they are in. Default: the environment variable `SNOWFLAKE_HOME`, or `~/.snowflake`. */
  readonly home?: string;
  /** Where `SNOWFLAKE_HOME`, `SNOWFLAKE_CONNECTIONS` and `SNOWFLAKE_DEFAULT_CONNECTION_NAME` are taken from. Default: `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * The connections that Snowflake's other tools know, from `connections.toml` and `config.toml`, read again whenever
 * they change. They are not connections of hotline yet: they stand under `snowflake.connections.<name>`, the default
 * one's name at `snowflake.default_connection_name`, where SnowflakeConnection finds them by name.
 * A file that others may write is an error, one that they may read a warning.
 *
 * @throws ConfigError `invalid_policy` or `invalid_argument` when `settle` is no duration.
 * @example
 * const hot = createConnections({ sources: [snowflakeFiles({ optional: true }), tomlFile('secrets.toml')] });
 */
export function snowflakeFiles(options: SnowflakeFilesOptions = {}): Source {
  const given = readable(undefined, () => ({ ...options }));
  const { env = process.env, home = env['SNOWFLAKE_HOME'] || '~/.snowflake', optional = false, ...rest } = given;
  const directory = absolutePath(home);
  const looks = new Map<string, () => Promise<void>>();
  const file$ = (name: string) => {
    const path = join(directory, name);
    const onStart = (look: () => Promise<void>) => void looks.set(name, look);
    return watchPath$(path, { ...watchOptions(rest), file: true, onStart }).pipe(
      map((contents) => ({ path, contents })),
    );
  };
  const states$ = combineLatest([file$('config.toml'), file$('connections.toml')]).pipe(
    map(([config, connections]) =>
      state(directory, optional, () => snowflakeTree(found(config), found(connections), env)),
    ),
  );
  const look = async () => void (await Promise.all([...looks.values()].map((one) => one())));
  return asSource(states$, { label: directory, look });
}

function state(directory: string, optional: boolean, read: () => SourceState | undefined): SourceState {
  try {
    const loaded = read();
    if (loaded) return loaded;
    if (optional) return { state: 'missing', trust: 'local' };
    const where = `connections.toml or config.toml in ${directory}`;
    const error = new SourceError('source_missing', `There is no ${where}. Create one, or mark the source optional.`);
    return { state: 'missing', trust: 'local', error };
  } catch (error) {
    return failedState(directory, error);
  }
}

function found({ path, contents }: { path: string; contents: Contents }): SnowflakeFile | undefined {
  if (contents.kind === 'missing') return undefined;
  if (contents.kind === 'unreadable') throw unreadable(contents);
  const file = contents.files.get('');
  if (contents.kind === 'directory' || !file)
    throw new SourceError('source_unreadable', `${path} is a directory, and should be a file.`);
  return { ...file, path };
}
