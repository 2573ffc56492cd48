import { describe, expect, it } from '@jest/globals';
import { dialectOf, driversOf } from '../../../src/kinds/sql/dialects.ts';

const packages = (dialect: string, driver?: string) =>
  driversOf(dialectOf(dialect), driver).map((found) => found.package);
const messageOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    expect(error).toMatchObject({ code: 'invalid_config', category: 'config' });
    return (error as Error).message;
  }
  return 'accepted';
};

describe('dialectOf', () => {
  it.each([
    ['postgresql', 'postgresql'],
    ['Postgres', 'postgresql'],
    ['cockroachdb', 'postgresql'],
    ['redshift', 'postgresql'],
    ['mysql', 'mysql'],
    ['mariadb', 'mysql'],
    ['sqlite', 'sqlite'],
    ['mssql', 'mssql'],
    ['oracle', 'oracle'],
  ])('%s is of the family %s', (name, family) => {
    expect(dialectOf(name).family).toBe(family);
  });

  it('says what to do about a database that knex has no dialect for', () => {
    expect(messageOf(() => dialectOf('snowflake'))).toContain('type = "snowflake"');
    expect(messageOf(() => dialectOf('duckdb'))).toContain('@duckdb/node-api');
    expect(messageOf(() => dialectOf('bigquery'))).toContain('BaseConnection');
    expect(messageOf(() => dialectOf('postgesql'))).toContain('Did you mean "postgresql"?');
  });

  it('does not show what cannot be a name', () => {
    expect(messageOf(() => dialectOf('my secret: hunter2'))).not.toContain('hunter2');
  });
});

describe('driversOf', () => {
  it('gives all drivers of the dialect, the preferred one first', () => {
    expect(packages('sqlite')).toEqual(['better-sqlite3', 'libsql', 'sqlite3', 'node:sqlite']);
    expect(packages('mysql')).toEqual(['mysql2', 'mysql', 'mariadb']);
    expect(packages('cockroachdb')).toEqual(['pg']);
  });

  it.each(['psycopg2', 'asyncpg', 'PG8000'])('ignores the Python driver %s', (driver) => {
    expect(packages('postgresql', driver)).toEqual(['pg', 'pg-native']);
  });

  it('takes the driver that was asked for', () => {
    expect(packages('sqlite', 'libsql')).toEqual(['libsql']);
    expect(packages('mysql', 'mariadb')).toEqual(['mariadb']);
    expect(packages('oracle', 'oracledb')).toEqual(['oracledb']);
  });

  it('names the choice when there is no such driver', () => {
    expect(messageOf(() => packages('mysql', 'mysql3'))).toMatch(/"mysql3" for mysql.*mysql2, mysql, mariadb/);
  });
});
