import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '../../errors/index.ts';
import type { Config } from '../../secrets/index.ts';
import type { FallbackContext, FallbackSettings, LeaseContext } from '../base/index.ts';
import { SnowflakeConnection } from './connection.ts';
import { leftOpen } from './native-files.ts';
import type { SnowflakeDriver } from './query-driver.ts';

const warned = Symbol('warned of snowpark');

/**
 * The deprecated name of a Snowflake connection, as Streamlit had it: what its section leaves open is taken from the
 * file of SnowSQL. Write `type = "snowflake"` instead.
 */
export class SnowparkConnection extends SnowflakeConnection {
  static override readonly fallbackSettings = ({ name, settings }: FallbackContext): FallbackSettings | undefined => {
    const found = snowsqlSettings(name);
    return found && { settings: leftOpen(found, settings), origin: () => snowsqlFile() ?? '' };
  };

  protected override connect(config: Config, context: LeaseContext): Promise<SnowflakeDriver> {
    this.leases.shared(warned, () => {
      process.emitWarning(
        'type "snowpark" is deprecated: write "snowflake". It has `query`, `session(fn)` for a session of one\'s own, and `safeSession(fn)` for one that is used by one caller at a time.',
        { type: 'DeprecationWarning', code: 'HOTLINE_SNOWPARK' },
      );
      return true;
    });
    return super.connect(config, context);
  }
}

/** The file of SnowSQL; `undefined` for a user that the system does not know, who has no home directory. */
export function snowsqlFile(): string | undefined {
  try {
    return join(homedir(), '.snowsql', 'config');
  } catch {
    return undefined;
  }
}

/**
 * The settings of a connection in the file of SnowSQL, read as Streamlit did: `[connections.NAME]`, or else `[connections]`,
 * and never both; the names without "name", the values without double quotes.
 *
 * @throws ConfigError `invalid_config` when it is there and cannot be read.
 */
export function snowsqlSettings(name: string, file = snowsqlFile()): Record<string, string> | undefined {
  if (file === undefined) return undefined;
  const sections = sectionsOf(read(file));
  const section = sections.get(`connections.${name}`) ?? sections.get('connections');
  if (!section) return undefined;
  const settings = [...section].map(
    ([key, value]) => [key.replaceAll('name', ''), value.replace(/^"+|"+$/g, '')] as const,
  );
  return Object.fromEntries(settings.map(([key, value]) => [key === 'db' ? 'database' : key, value]));
}

/**
 * Python's dialect of INI: a `#` after white space begins a comment, and a password may hold `;` and `#`. The readers of
 * INI for Node.js cut it there.
 */
function sectionsOf(text: string): Map<string, Map<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let section = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const code = line.replace(/(^|\s)#.*$/, '').trim();
    const header = /^\[(.+)\]$/.exec(code)?.[1];
    const [, key, value] = /^([^=:]+?)\s*[=:]\s*(.*)$/.exec(code) ?? [];
    if (header !== undefined) sections.set(header, (section = new Map<string, string>()));
    else if (key !== undefined && !code.startsWith(';')) section.set(key.toLowerCase(), value ?? '');
  }
  return sections;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw new ConfigError('invalid_config', `${file} cannot be read.`, { cause: error });
  }
}
