import { ConfigError, named } from '../errors/index.ts';
import { connectionConfig, type Load, type Secrets } from '../secrets/index.ts';
import type { KindClass } from './kind.ts';

/** Nothing says what a connection is: throws why, when that is more than its missing `type`. */
export function refuseWithoutSection(name: string, params: Readonly<Record<string, unknown>>, load: Load): void {
  if (load.state === 'failed') throw named(load.error, name);
  const found = connectionConfig({ name, secrets: load.secrets, params });
  if (found instanceof ConfigError) throw withoutSecrets(found, load.secrets);
}

/** A section is missing because there are no secrets at all: says that instead. */
export function withoutSecrets(error: ConfigError, secrets: Secrets): ConfigError {
  const { code, connection } = error;
  if (code !== 'missing_config' || secrets.keys().length > 0) return error;
  return new ConfigError(
    'missing_secrets',
    `"${connection}": there are no secrets at all. ${secrets.looked()} Put a [connections] table into one of them, or pass params.`,
    { connection },
  );
}

/** Which params make up for a section that is not there. */
export function sufficesFor(settings: KindClass['settings'] = {}): (param: string) => boolean {
  const marked = Object.values(settings).some(({ locates: place }) => place);
  return (param) => !marked || settings[param]?.locates === true;
}
