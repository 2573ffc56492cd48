import { ConfigError } from '../errors/index.ts';
import type { ConnectionConfig } from '../secrets/index.ts';
import type { KindClass } from './kind.ts';

/** Why settings that name files of this machine may not do so, where they come from a source that is remote. */
export function untrustedFile(
  { name, config, ...found }: ConnectionConfig,
  settings: KindClass['settings'] = {},
): ConfigError | undefined {
  for (const [key, { local }] of Object.entries(settings))
    if (config[key] !== undefined && local?.(config) && found.trust(key) === 'remote')
      return new ConfigError(
        'untrusted_reference',
        `"${name}": ${key} names a file of this machine, but ${found.origin([key])} is remote. Write it in a local source, or mark that source as local if you trust it.`,
        { connection: name },
      );
  return undefined;
}
