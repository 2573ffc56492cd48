import type { Config } from '../../secrets/index.ts';
import { inMemory } from './knex-config.ts';
import { isTable } from '../../table.ts';
import { targetOf, type Target } from './target.ts';
import { namesFile } from './tls-material.ts';
import { comparable } from '../../spelling.ts';
import { wordNamed } from './tls-word.ts';
import { tableWords, tlsWords } from './tls-words.ts';
import { parseUrl } from './url.ts';
import { scalarText, urlSetting, writtenOptions, type Written } from './written.ts';

/** Options that lead to something on this machine, whatever they say: files, sockets, the login of the machine itself. */
const local = new Set(
  `unixSocket socketPath passfile serviceFile service sslKeyLogFile readDefaultFile readDefaultGroup defaultsFile
  walletLocation configDir tnsAdmin libDir externalAuth nativeBinding localInfile allowLoadLocalInfile permitLocalInfile
  infileStreamFactory krbsrvname gsslib msiEndpoint migrations seeds`
    .split(/\s+/)
    .map(comparable),
);

/** Options whose value may be a socket; with Oracle those, too, that may describe a program to be started. */
const mayLead = new Set(['host', 'server', 'hostaddr']);
const mayDescribe = new Set(['host', 'connectstring', 'database', 'dbname', 'servicename']);

/** Says whether what stands in a setting leads to something on this machine. */
export function reachesMachine(setting: string): (config: Config) => boolean {
  return (config) => {
    const target = known(config);
    if (!target) return false;
    if (target.dialect.family === 'sqlite' && opensFile(setting, config, target)) return true;
    return withParts(config)
      .filter((written) => written.setting === setting || written.setting.startsWith(`${setting}.`))
      .some((written) => reaches(written, target));
  };
}

/** The file of a database in a file; knex may be told of another one, and which library opens it. */
function opensFile(setting: string, config: Config, target: Target): boolean {
  if (setting === 'knex') return config['knex'] !== undefined;
  // A statement of SQLite attaches any file.
  if (setting === 'on_connect') return config[setting] !== undefined;
  if (inMemory(target)) return false;
  if (setting === 'query') return isTable(config['query']) && config['query']['mode'] !== undefined;
  return ['url', 'database', 'filename'].includes(setting) && config[setting] !== undefined;
}

/** The options, the parts of the URL and the tables of knex itself, each with the setting it was written in. */
function withParts(config: Config): readonly Written[] {
  const { value, setting } = urlSetting(config);
  const { host, database } = typeof value === 'string' && value.trim() !== '' ? parseUrl(value) : {};
  const top = isTable(config['knex']) ? Object.entries(config['knex']) : [];
  return [
    ...writtenOptions(config),
    { name: 'host', value: host, setting },
    { name: 'database', value: database, setting },
    ...top.map(([name, inner]) => ({ name, value: inner, setting: `knex.${name}` })),
  ];
}

function reaches({ name, value }: Written, { dialect }: Target): boolean {
  if (value === undefined || value === null) return false;
  const word = wordNamed(name, [...tlsWords[dialect.family], ...tableWords]);
  if (word?.local) return true;
  if (word?.table) return tableReaches(value);
  if (word?.file) return !isSystem(value) && namesFile(value);
  const called = comparable(name);
  if (local.has(called)) return typeof value === 'object' || !isOff(value);
  if (dialect.family === 'oracle') return mayDescribe.has(called) && /[(=]/.test(scalarText(value));
  return mayLead.has(called) && /^\s*(\/|@|\\\\[.?]\\pipe|np:|lpc:)/i.test(scalarText(value));
}

function tableReaches(value: unknown): boolean {
  const table = typeof value === 'string' && value.trim().startsWith('{') ? parsed(value) : value;
  if (!isTable(table)) return false;
  return Object.entries(table).some(([name, inner]) => {
    const word = wordNamed(name, [...tableWords, ...tlsWords.postgresql]);
    return (
      word?.local === true ||
      /engine|keylog/i.test(name) ||
      (word?.file !== undefined && !isSystem(inner) && namesFile(inner))
    );
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isSystem = (value: unknown): boolean => value === 'system';
const isOff = (value: unknown): boolean => /^(0|false|no|off|)$/i.test(scalarText(value));

/** A config that is broken is for the opening to complain about. */
function known(config: Config): Target | undefined {
  try {
    return targetOf(config);
  } catch {
    return undefined;
  }
}
