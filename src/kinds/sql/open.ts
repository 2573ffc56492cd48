import { milliseconds } from '../../duration/index.ts';
import { ConfigError } from '../../errors/index.ts';
import { requireOf } from '../../packages/index.ts';
import type { Config } from '../../secrets/index.ts';
import type { Backend, BackendParts, Findings } from './backends/backend.ts';
import { mysqlBackend } from './backends/mysql.ts';
import { postgresBackend } from './backends/postgres.ts';
import { tarnBackend } from './backends/tarn.ts';
import { Database } from './database.ts';
import { loadDriver, type LoadedDriver } from './driver.ts';
import type { LoginSupply } from './fresh-logins.ts';
import { beyondOf } from './integers.ts';
import { inMemory, knexConfig } from './knex-config.ts';
import { sortedOptions } from './options.ts';
import { onConnectOf } from './on-connect.ts';
import { nameProgram } from './program-name.ts';
import type { MysqlPackage } from './pools/mysql-pool.ts';
import type { PgPackage } from './pools/postgres-pool.ts';
import { targetOf, type Target } from './target.ts';

/** Makes the database of a config; it connects when it is first asked. `supply` gives its logins where they change with time. */
export async function openDatabase(
  config: Config,
  name: string,
  findings: Findings,
  supply?: Pick<LoginSupply, 'loginsFor'>,
): Promise<Database> {
  const target = targetOf(config);
  const autocommit = switchOf(config, 'autocommit');
  const rules = {
    beyond: beyondOf(config),
    prepare: switchOf(config, 'prepare'),
    onConnect: onConnectOf(config, target),
    busyTimeout: busyTimeoutOf(config, target),
  };
  const driver = loadDriver(target);
  const settings = knexConfig(target, config, driver.client);
  for (const warning of sortedOptions(target.dialect.family, target.query, target.driver).warnings)
    findings.warn('unheard_option', warning);
  nameProgram(settings, target, driver.package, name);
  const fresh = supply?.loginsFor(config, target);
  const backend = backendOf(target, driver, { settings, rules, findings, fresh });
  return new Database({ name, backend, autocommit, findings, fresh, lasting: inMemory(target) });
}

function backendOf({ dialect }: Target, driver: LoadedDriver, parts: BackendParts): Backend {
  if (driver.package === 'pg') return postgresBackend(loaded<PgPackage>('pg'), parts);
  if (driver.package === 'mysql2') return mysqlBackend(loaded<MysqlPackage>('mysql2'), parts);
  return tarnBackend(driver, dialect.family, parts);
}

function loaded<Package>(name: string): Package {
  try {
    return requireOf(name)!(name) as Package;
  } catch (error) {
    throw new ConfigError(
      'missing_driver',
      `the package ${name} is installed but cannot be loaded: npm install ${name}, or npm rebuild ${name} after a change of Node.js.`,
      { cause: error },
    );
  }
}

/** A setting that is on unless it says otherwise. */
function switchOf(config: Config, setting: 'autocommit' | 'prepare'): boolean {
  const { [setting]: value = true } = config;
  if (typeof value === 'boolean') return value;
  throw new ConfigError('invalid_config', `${setting}: expected true or false.`, { setting });
}

/** `busy_timeout` of a section, `busyTimeout` of params, or the `timeout` of Python's driver, in seconds. */
function busyTimeoutOf(config: Config, { dialect, query }: Target): number {
  const name = config['busy_timeout'] === undefined ? 'busyTimeout' : 'busy_timeout';
  const given = config[name];
  if (given !== undefined) return milliseconds(given, name, name === 'busy_timeout' ? 'file' : 'code');
  const seconds = dialect.family === 'sqlite' ? Number(query['timeout'] ?? NaN) : NaN;
  return seconds >= 0 ? seconds * 1000 : 5000;
}
