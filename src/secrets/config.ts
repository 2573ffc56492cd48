import { ConfigError, withConnection } from '../errors/index.ts';
import type { SecretTree, Trust } from '../sources/source.ts';
import { type PolicyName, policyNamed } from '../policy/index.ts';
import { redactedCopy, scrubList, withoutPublic, type Publicity } from './redaction.ts';
import { isTable, mergeTables } from '../table.ts';
import { stated } from './merge.ts';
import { snakeCase } from '../spelling.ts';
import { dotted, own, same } from './tree.ts';
import { typedSection, type SettingTypes } from './typed-section.ts';
import { nearbySections } from './nearby-sections.ts';
import type { Secrets } from './secrets.ts';

/** The effective settings of one connection: its section of the secrets with the caller's params over it. Frozen; no policy in it; prints redacted. */
export type Config = Readonly<Record<string, unknown>>;

/** A setting that is for hotline and not for the connection, as it was written. */
export interface Written {
  readonly value: unknown;
  readonly origin: string;
  readonly trust: Trust;
}

/** The settings of one connection from the secrets and the params. */
export interface ConnectionConfig {
  readonly name: string;
  readonly config: Config;
  /** The policies in the section, by their names in camelCase. */
  readonly policies: Readonly<Partial<Record<PolicyName, Written>>>;
  /** `type` in the section. */
  readonly type: Written | undefined;
  /** The origin of a setting: a source or file, or `params`. */
  origin(path: readonly string[]): string;
  /** The origins of the values that the one in use hides, the next one first. */
  hidden(path: readonly string[]): readonly string[];
  /** Tells whether a setting may name files of this machine: it comes from the call, or from local sources only. */
  trust(key: string): Trust;
}

type Settings = Readonly<Record<string, unknown>>;

interface FallbackValues {
  readonly settings: Settings;
  origin(path: readonly string[]): string;
}

export interface ConfigRequest {
  readonly name: string;
  readonly secrets: Secrets;
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  /** The settings of its kind, by whose names and types the section is read. Default: none. */
  readonly known?: SettingTypes | undefined;
  /** Tells whether a param is enough without a section. Default: each is. */
  readonly suffices?: ((param: string) => boolean) | undefined;
  /** Tells whether the connection can do without a section and params. Default: no. */
  readonly optional?: boolean | undefined;
  /** Gives the settings to use where neither the section nor the params say something; throws ConfigError. `hasSection`: there is a section. */
  readonly fallback?: ((above: Settings, hasSection: boolean) => FallbackValues | undefined) | undefined;
  /** The result before: where the config is equal by value, it stays the same object. */
  readonly before?: Pick<ConnectionConfig, 'config'> | undefined;
}

/** The config of a connection, or why it has none: `missing_config`, `invalid_config`. */
export function connectionConfig({
  name,
  secrets,
  params: given,
  known = {},
  suffices = () => true,
  optional,
  fallback,
  before,
}: ConfigRequest): ConnectionConfig | ConfigError {
  const base = ['connections', name];
  const section = sectionOf(secrets, name);
  if (section instanceof ConfigError) return section;
  const params = given && paramsIn(given, known);
  const settings: Record<string, unknown> = {};
  const policies: Partial<Record<PolicyName, Written>> = {};
  let type: Written | undefined;
  const read = typedSection(section ?? {}, known, (path) => secrets.rank([...base, ...path]));
  const origin = (path: readonly string[]): string | undefined =>
    secrets.origin([...base, ...read.written(path).at(-1)!]);
  const trusted = (key: string): Trust =>
    read.written([key]).every((path) => secrets.trust([...base, ...path]) === 'local') ? 'local' : 'remote';
  const hidden = (path: readonly string[]): readonly string[] =>
    secrets.hidden([...base, ...read.written(path).at(-1)!]);
  for (const [key, value] of Object.entries(read.settings)) {
    const policy = policyNamed(key);
    const written = (): Written => ({ value, origin: origin([key]) ?? 'secrets', trust: trusted(key) });
    if (policy) policies[policy] = written();
    else if (key === 'type') type = written();
    else settings[key] = value;
  }
  for (const name of saidInCode(params, known)) delete settings[name];
  const above = mergeTables(settings, params ?? {});
  const lower = fallbackOf(() => fallback?.(above, section !== undefined), name, secrets.knownSecrets());
  if (lower instanceof ConfigError) return lower;
  if (!section && !optional && !lower && !Object.keys(params ?? {}).some(suffices))
    return new ConfigError(
      'missing_config',
      [
        `There is no [${dotted(base)}].`,
        nearbySections(secrets, name),
        secrets.looked(),
        'Add it to one of them, or pass params.',
      ]
        .filter(Boolean)
        .join(' '),
      {
        connection: name,
      },
    );
  const below = lower && typedSection(lower.settings, known).settings;
  for (const name of below ? saidInCode(params, known) : []) delete below![name];
  const plain = below ? mergeTables(below, above) : above;
  const config = before && same(before.config, plain) ? before.config : redactedCopy(plain);
  return {
    name,
    config,
    policies,
    type,
    origin: (path) => (stated(params, path) ? 'params' : (origin(path) ?? lower?.origin(path) ?? 'secrets')),
    hidden: (path) => {
      const above = stated(params, path) ? origin(path) : undefined;
      return above === undefined ? hidden(path) : [above, ...hidden(path)];
    },
    trust: (key) =>
      !Object.hasOwn(settings, key) || (stated(params, [key]) && !isTable(settings[key])) ? 'local' : trusted(key),
  };
}

/** The params by the names of the settings: camelCase is the spelling of code, where the kind does not declare one. */
function paramsIn(params: Settings, known: SettingTypes): Settings {
  const inCode = new Set(Object.values(known).map((setting) => setting.inCode));
  const nameOf = (key: string): string => {
    const own = snakeCase(key);
    const declared = Object.hasOwn(known, key) || inCode.has(key);
    return declared || !Object.hasOwn(known, own) || Object.hasOwn(params, own) ? key : own;
  };
  return Object.fromEntries(Object.entries(params).map(([key, value]) => [nameOf(key), value]));
}

/** The settings that the params give by their names in code: what stands below them is not meant. */
function saidInCode(params: Settings | undefined, known: SettingTypes): string[] {
  const said = ({ inCode }: SettingTypes[string]): boolean => inCode !== undefined && params?.[inCode] !== undefined;
  return params ? Object.keys(known).filter((name) => params[name] === undefined && said(known[name]!)) : [];
}

/** The texts of a config that must not be shown: all that its kind does not call public, in each spelling. */
export function secretsIn(config: Config, settings: Publicity = {}): ReadonlySet<string> {
  return scrubList(withoutPublic(config, settings));
}

function fallbackOf(
  find: () => FallbackValues | undefined,
  connection: string,
  secrets: Iterable<string>,
): FallbackValues | ConfigError | undefined {
  try {
    return find();
  } catch (error) {
    if (error instanceof ConfigError) return withConnection(error, connection);
    const message = `"${connection}": the fallback settings of its kind could not be read; see cause.`;
    return new ConfigError('invalid_config', message, { connection, cause: error, secrets });
  }
}

function sectionOf(secrets: Secrets, name: string): SecretTree | ConfigError | undefined {
  const all = secrets.reveal('connections');
  const found = own(all, name);
  const wrong =
    all !== undefined && !isTable(all)
      ? ['connections']
      : found !== undefined && !isTable(found)
        ? ['connections', name]
        : undefined;
  if (!wrong) return found as SecretTree | undefined;
  return new ConfigError(
    'invalid_config',
    `${dotted(wrong)} in ${secrets.origin(wrong)} should be a table, [${dotted(['connections', name])}], and is not one.`,
    { connection: name },
  );
}
