import { isTable } from '../table.ts';
import { join } from 'node:path';
import { combineLatest, map } from 'rxjs';
import { SourceError } from '../errors/index.ts';
import { fileOptionNames, absolutePath, watchOptions, type FileOptions } from './path-source.ts';
import { givenOptions } from '../known-options.ts';
import { readableWarning, permissions } from './file-warnings.ts';
import { decodeText, parseToml } from './parse-secrets.ts';
import { TreeBuilder } from './secret-tree.ts';
import { asSource, failedState, type SecretTree, type Source, type SourceState } from './source.ts';
import type { Contents, ReadFile } from './watch/contents.ts';
import { unreadable } from './watch/scan.ts';
import { watchPath$ } from './watch/watch-path.ts';

/** One of Snowflake's files, by the path that users write. */
export type SnowflakeFile = ReadFile;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The state of Snowflake's files and variables together, as its Python connector reads them: each of them that has
 * connections replaces all connections of the one before it. `undefined` when there is none of them.
 *
 * @throws SourceError when one of them is broken, or others may write it.
 */
export function snowflakeTree(
  config: SnowflakeFile | undefined,
  connections: SnowflakeFile | undefined,
  env: Environment,
): SourceState | undefined {
  const { SNOWFLAKE_CONNECTIONS: written, SNOWFLAKE_DEFAULT_CONNECTION_NAME: chosen } = env;
  const single = Object.entries(env).filter(
    ([name, value]) => value !== undefined && /^SNOWFLAKE_CONNECTIONS_./.test(name),
  );
  if (!config && !connections && !written && single.length === 0) return undefined;

  const configured = config ? parse(config) : {};
  const byPriority = [
    config && { origin: config.path, tables: configured['connections'] ?? {} },
    connections && { origin: connections.path, tables: parse(connections) },
    written
      ? { origin: 'env:SNOWFLAKE_CONNECTIONS', tables: parseToml(written, 'env:SNOWFLAKE_CONNECTIONS') }
      : undefined,
  ].filter((one) => one !== undefined);

  const builder = new TreeBuilder('snowflake');
  const { origin, tables } = byPriority.at(-1) ?? { origin: '', tables: {} };
  const sections = Object.entries(tables as SecretTree).filter((section): section is [string, SecretTree] =>
    isTable(section[1]),
  );
  const variables = singleSettings(
    single as [string, string][],
    sections.map(([name]) => name),
  );
  for (const [name, settings] of sections) {
    const over = variables.filter((one) => one.connection === name);
    const kept = Object.entries(settings).filter(([key]) => !over.some((one) => one.key === key));
    if (over.length === 0) builder.set(['snowflake', 'connections', name], settings, origin);
    else for (const [key, value] of kept) builder.set(['snowflake', 'connections', name, key], value, origin);
  }
  for (const { connection, key, value, variable } of variables)
    builder.set(['snowflake', 'connections', connection, key], value, `env:${variable}`);
  const usual = configured['default_connection_name'];
  if (chosen) builder.set(defaultName, chosen, 'env:SNOWFLAKE_DEFAULT_CONNECTION_NAME');
  else if (config && typeof usual === 'string') builder.set(defaultName, usual, config.path);

  const warnings = [config, connections].flatMap(
    (file) => (file && readableWarning(file.path, { mode: file.mode })) ?? [],
  );
  const blank = [
    ...(Object.keys(tables).length === 0 ? [['snowflake', 'connections']] : []),
    ...(config && Object.keys(configured).length === 0 ? [defaultName] : []),
  ];
  const loaded = { state: 'loaded', trust: 'local', secrets: builder.tree, originOf: builder.originOf, blank } as const;
  return warnings.length > 0 ? { ...loaded, warnings } : loaded;
}

/** The settings that Snowflake's CLI takes from variables for a connection that no file names. */
const settingNames =
  `account user password role warehouse database schema authenticator host port region private_key_file
  private_key_path private_key_raw private_key_passphrase token token_file_path workload_identity_provider`.split(
    /\s+/,
  );

/** The settings in variables `SNOWFLAKE_CONNECTIONS_<NAME>_<KEY>`; both may have underscores, so the known names and keys decide. */
function singleSettings(
  variables: readonly (readonly [string, string])[],
  names: readonly string[],
): { connection: string; key: string; value: string; variable: string }[] {
  return variables.flatMap(([variable, value]) => {
    const rest = variable.slice('SNOWFLAKE_CONNECTIONS_'.length).toLowerCase();
    const known = names
      .filter((name) => rest.startsWith(`${name.toLowerCase()}_`))
      .sort((a, b) => b.length - a.length)[0];
    if (known !== undefined) return [{ connection: known, key: rest.slice(known.length + 1), value, variable }];
    const key = settingNames.filter((name) => rest.endsWith(`_${name}`)).sort((a, b) => b.length - a.length)[0];
    return key === undefined ? [] : [{ connection: rest.slice(0, -key.length - 1), key, value, variable }];
  });
}

const defaultName = ['snowflake', 'default_connection_name'];

function parse({ path, bytes, mode }: SnowflakeFile): SecretTree {
  if (process.platform !== 'win32' && (mode & 0o022) !== 0)
    throw new SourceError(
      'source_unreadable',
      `${path} can be written by others than its owner (mode ${permissions(mode)}), so nobody knows who wrote it. Run: chmod 600 ${path}`,
    );
  return parseToml(decodeText(bytes, path), path);
}

/** Options of `snowflakeFiles`. */
export interface SnowflakeFilesOptions extends FileOptions {
  /** The directory they are in. Default: the environment variable `SNOWFLAKE_HOME`, or `~/.snowflake`. */
  readonly home?: string | URL;
  /** The variables `SNOWFLAKE_HOME`, `SNOWFLAKE_CONNECTIONS`, `SNOWFLAKE_CONNECTIONS_<NAME>_<KEY>` and `SNOWFLAKE_DEFAULT_CONNECTION_NAME`. Default: `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const optionNames = [...fileOptionNames, 'home', 'env'] satisfies (keyof SnowflakeFilesOptions)[];

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
  const given = givenOptions(options, optionNames);
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
