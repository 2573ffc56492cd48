import { SourceError } from '../errors/index.ts';
import { opened, permissions } from './file-warnings.ts';
import { GrowingTree } from './growing-tree.ts';
import type { SecretTree, SecretValue, SourceState } from './source.ts';
import { decodeText } from './text.ts';
import { parseToml } from './toml.ts';
import type { ReadFile } from './watch/contents.ts';

/** One of Snowflake's files, under the path that people know it by. */
export type SnowflakeFile = ReadFile;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What Snowflake's files and variables say together, as its Python connector reads them: each place that names
 * connections replaces all that the one before it named. `undefined` when there is none of them.
 *
 * @throws SourceError when one of them is broken, or others may write it.
 */
export function snowflakeTree(
  config: SnowflakeFile | undefined,
  connections: SnowflakeFile | undefined,
  env: Environment,
): SourceState | undefined {
  const { SNOWFLAKE_CONNECTIONS: written, SNOWFLAKE_DEFAULT_CONNECTION_NAME: chosen } = env;
  if (!config && !connections && !written) return undefined;

  const configured = config ? parse(config) : {};
  const byPlace = [
    config && { origin: config.path, tables: configured['connections'] ?? {} },
    connections && { origin: connections.path, tables: parse(connections) },
    written
      ? { origin: 'env:SNOWFLAKE_CONNECTIONS', tables: parseToml(written, 'env:SNOWFLAKE_CONNECTIONS') }
      : undefined,
  ].filter((place) => place !== undefined);

  const growing = new GrowingTree('snowflake');
  const { origin, tables } = byPlace.at(-1)!;
  for (const [name, settings] of Object.entries(tables as SecretTree))
    if (isTable(settings)) growing.place(['snowflake', 'connections', name], settings, origin);
  const usual = configured['default_connection_name'];
  if (chosen) growing.place(defaultName, chosen, 'env:SNOWFLAKE_DEFAULT_CONNECTION_NAME');
  else if (config && typeof usual === 'string') growing.place(defaultName, usual, config.path);

  const warnings = [config, connections].flatMap((file) => (file && opened(file.path, file.mode)) ?? []);
  const blank = [
    ...(Object.keys(tables).length === 0 ? [['snowflake', 'connections']] : []),
    ...(config && Object.keys(configured).length === 0 ? [defaultName] : []),
  ];
  const loaded = { state: 'loaded', trust: 'local', secrets: growing.tree, originOf: growing.originOf, blank } as const;
  return warnings.length > 0 ? { ...loaded, warnings } : loaded;
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

function isTable(value: SecretValue): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
