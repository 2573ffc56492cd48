import { ConfigError } from '../../errors/index.ts';
import { requireBeside, requireOf } from '../../packages/index.ts';
import { driversOf, type Driver } from './dialects.ts';
import { endStuck, libsqlRows } from './engines/libsql-rows.ts';
import { nodeSqlite, nodeSqliteDatabase } from './node-sqlite.ts';
import { sqliteClient } from './sqlite-client.ts';
import { iterate } from './engines/sqlite.ts';
import type { Target } from './target.ts';

export interface LoadedDriver {
  readonly package: string;
  /** The value of knex's `client`: a name, or a class. */
  readonly client: unknown;
}

/** The drivers with a pool of their own, which need knex for `use` alone. */
const native = new Set(['pg', 'mysql2']);

/** The driver of SQLite that is a part of Node.js. */
const builtin = 'node:sqlite';

/**
 * The first driver of the target that is installed: pg and mysql2 beside hotline or in the project, the others where knex
 * looks for them.
 *
 * @throws ConfigError `missing_driver` with the command that installs one.
 */
export function loadDriver(target: Target): LoadedDriver {
  const drivers = driversOf(target.dialect, target.driver);
  const require = requireBeside('knex');
  const own = nodeSqlite();
  const found = drivers.find((driver) => {
    if (native.has(driver.package)) return requireOf(driver.package);
    return require && (driver.package === builtin ? own : resolves(require, driver.package));
  });
  if (!found)
    throw require || native.has(drivers[0]!.package)
      ? missing(target.name, drivers)
      : withoutKnex(own && drivers.some((driver) => driver.package === builtin) ? undefined : drivers[0]!);
  const blocking: Readonly<Record<string, () => Parameters<typeof sqliteClient>[1]>> = {
    'better-sqlite3': () => ({ rowsOf: iterate }),
    libsql: () => ({ driver: require!('libsql'), rowsOf: libsqlRows, failed: endStuck }),
    [builtin]: () => ({ driver: nodeSqliteDatabase(own!), rowsOf: iterate }),
  };
  const means = blocking[found.package]?.();
  if (!means) return found;
  return { package: found.package, client: sqliteClient(require!('knex/lib/dialects/better-sqlite3'), means) };
}

function withoutKnex(driver: Driver | undefined): ConfigError {
  const message = `this database needs the package knex: npm install knex${driver ? ` ${driver.package}` : ''}`;
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
  const [first, ...others] = drivers.filter((driver) => driver.package !== builtin).map((driver) => driver.package);
  if (!first)
    return new ConfigError(
      'missing_driver',
      `this Node.js has no ${builtin} that hotline can use: it is in 22.16 and later.`,
    );
  const choice = others.length > 0 ? ` (or ${others.join(', ')})` : '';
  return new ConfigError(
    'missing_driver',
    `${dialect} needs the package ${first}${choice}, which is not installed: npm install ${first}`,
  );
}
