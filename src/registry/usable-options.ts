import { ConfigError } from '../errors/index.ts';

/**
 * What would fail later, and say less.
 *
 * @throws ConfigError `invalid_argument`.
 */
export function refuseUnusable(options: unknown, sources: unknown): void {
  const invalid = (why: string): never => {
    throw new ConfigError('invalid_argument', `createConnections: ${why}`);
  };
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    return invalid('options must be an object.');
  for (const name of ['root', 'instance', 'environment']) {
    const value: unknown = (options as Readonly<Record<string, unknown>>)[name];
    if (value !== undefined && typeof value !== 'string') return invalid(`${name} must be a text.`);
  }
  const { scheduler } = options as { scheduler?: { now?: unknown; schedule?: unknown } };
  const runs =
    scheduler === undefined || [scheduler?.now, scheduler?.schedule].every((part) => typeof part === 'function');
  if (!runs) return invalid('scheduler must be a scheduler of RxJS.');
  if (!Array.isArray(sources)) return invalid("sources must be an array, such as [tomlFile('secrets.toml')].");
  const none = sources.findIndex((source) => typeof source !== 'object' || source === null);
  if (none >= 0)
    return invalid(`number ${none + 1} of the sources is no Observable. Write tomlFile('secrets.toml') for a file.`);
}
