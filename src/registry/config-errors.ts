import {
  ConfigError,
  withConnection,
  networkCure,
  withMessage,
  type ErrorCode,
  type HotlineError,
} from '../errors/index.ts';
import {
  connectionConfig,
  type ConnectionConfig,
  type DescribedSetting,
  type Load,
  type Secrets,
} from '../secrets/index.ts';
import type { KindClass } from './kinds.ts';

/** Throws the reason why there is no section, unless the only reason is a missing `type`. */
export function refuseWithoutSection(name: string, params: Readonly<Record<string, unknown>>, load: Load): void {
  if (load.state === 'failed') throw withConnection(load.error, name);
  const found = connectionConfig({ name, secrets: load.secrets, params });
  if (found instanceof ConfigError) throw withoutSecrets(found, load.secrets);
}

/** The error for a missing section; another one where there are no secrets at all. */
export function withoutSecrets(error: ConfigError, secrets: Secrets): ConfigError {
  const { code, connection } = error;
  if (code !== 'missing_config' || secrets.keys().length > 0) return error;
  return new ConfigError(
    'missing_secrets',
    `"${connection}": there are no secrets at all. ${secrets.looked()} Put a [connections] table into one of them, or pass params.`,
    { connection },
  );
}

/** Tells whether a kind marks settings that say where to connect. */
export function hasLocation(settings: KindClass['settings'] = {}): boolean {
  return Object.values(settings).some(({ locates }) => locates);
}

/** Tells which params are enough without a section. */
export function sufficesFor(settings: KindClass['settings'] = {}): (param: string) => boolean {
  const marked = hasLocation(settings);
  return (param) => !marked || settings[param]?.locates === true;
}

/** The error for a setting that names a file of this machine and comes from a remote source. */
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

/** The codes of errors that a change of the settings may mend. */
const bySettings: ReadonlySet<ErrorCode> = new Set([
  'invalid_config',
  'invalid_policy',
  'open_failed',
  'open_timeout',
  'auth_failed',
]);

/** Adds to an error of an opening the origin of the settings that it is about, and advice. */
export function withSettingsHint<E extends HotlineError>(
  error: E,
  name: string,
  settings: readonly DescribedSetting[],
  secrets: Iterable<string>,
): E {
  if (!bySettings.has(error.code)) return error;
  const said = [error.message.replace(/[^.!?]$/, '$&.'), origins(error.setting, settings), networkCure(error.cause)];
  return withMessage(error, said.filter(Boolean).join(' '), name, secrets);
}

function origins(setting: string | undefined, settings: readonly DescribedSetting[]): string | undefined {
  const about = settings.filter(({ path }) => path === setting || path.startsWith(`${setting}.`));
  const places = [...new Set((about.length > 0 ? about : settings).map(({ origin }) => origin))];
  if (places.length === 0) return undefined;
  return `${about.length > 0 ? 'It is from' : 'The settings are from'} ${places.join(' and ')}.`;
}
