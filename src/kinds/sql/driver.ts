import { ConfigError } from '../../errors/index.ts';
import { requireBeside } from '../../packages/index.ts';
import { driversOf, type Driver } from './dialects.ts';
import { libsqlClient } from './libsql-client.ts';
import type { Target } from './target.ts';

export interface LoadedDriver {
  readonly package: string;
  /** What knex's `client` is: a name, or a class. */
  readonly client: unknown;
}

/**
 * The first driver of the target that is installed where knex looks for it.
 *
 * @throws ConfigError `missing_driver` with the command that installs one.
 */
export function loadDriver(target: Target): LoadedDriver {
  const drivers = driversOf(target.dialect, target.driver);
  const require = requireOfKnex(drivers[0]!);
  const found = drivers.find((driver) => resolves(require, driver.package));
  if (!found) throw missing(target.name, drivers);
  if (found.package !== 'libsql') return found;
  return { package: 'libsql', client: libsqlClient(require('knex/lib/dialects/better-sqlite3'), require('libsql')) };
}

/** Drivers are looked for from where knex is, as knex does. */
function requireOfKnex(driver: Driver): NodeJS.Require {
  const require = requireBeside('knex');
  if (require) return require;
  throw new ConfigError('missing_driver', `SQL connections need the package knex: npm install knex ${driver.package}`);
}

function resolves(require: NodeJS.Require, name: string): boolean {
  try {
    return require.resolve(name) !== '';
  } catch {
    return false;
  }
}

function missing(dialect: string, drivers: readonly Driver[]): ConfigError {
  const [first, ...others] = drivers.map((driver) => driver.package);
  const choice = others.length > 0 ? ` (or ${others.join(', ')})` : '';
  return new ConfigError(
    'missing_driver',
    `${dialect} needs the package ${first}${choice}, which is not installed: npm install ${first}`,
  );
}
