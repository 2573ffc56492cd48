import { ConfigError } from '../../errors/index.ts';
import { requireBeside, requireOf } from '../../packages/index.ts';
import { driversOf, type Driver } from './dialects.ts';
import { libsqlClient } from './libsql-client.ts';
import type { Target } from './target.ts';

export interface LoadedDriver {
  readonly package: string;
  /** The value of knex's `client`: a name, or a class. */
  readonly client: unknown;
}

/** The drivers with a pool of their own, which need knex for `use` alone. */
const native = new Set(['pg', 'mysql2']);

/**
 * The first driver of the target that is installed: pg and mysql2 beside hotline or in the project, the others where knex
 * looks for them.
 *
 * @throws ConfigError `missing_driver` with the command that installs one.
 */
export function loadDriver(target: Target): LoadedDriver {
  const drivers = driversOf(target.dialect, target.driver);
  const require = requireBeside('knex');
  const found = drivers.find((driver) =>
    native.has(driver.package) ? requireOf(driver.package) : require && resolves(require, driver.package),
  );
  if (!found)
    throw require || native.has(drivers[0]!.package) ? missing(target.name, drivers) : withoutKnex(drivers[0]!);
  if (found.package !== 'libsql') return found;
  return {
    package: 'libsql',
    client: libsqlClient(require!('knex/lib/dialects/better-sqlite3'), require!('libsql')),
  };
}

function withoutKnex(driver: Driver): ConfigError {
  const message = `this database needs the package knex: npm install knex ${driver.package}`;
  return new ConfigError('missing_driver', message);
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
