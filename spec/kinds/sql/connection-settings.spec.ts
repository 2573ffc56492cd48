import { describe, expect, it } from '@jest/globals';
import { connectionOf } from '../../../src/kinds/sql/connection-settings.ts';
import { targetOf } from '../../../src/kinds/sql/target.ts';
import { tlsOf } from '../../../src/kinds/sql/tls.ts';
import { writtenOptions } from '../../../src/kinds/sql/written.ts';

const settings = (config: Record<string, unknown>) => {
  const target = targetOf(config);
  return connectionOf(target, tlsOf(target.dialect.family, writtenOptions(config)));
};

describe('connectionOf', () => {
  it('gives PostgreSQL the options of its query', () => {
    expect(
      settings({
        url: 'postgres://u@h/db?connect_timeout=2&application_name=pets&statement_timeout=500&keepalives=1',
      }),
    ).toEqual({
      host: 'h',
      user: 'u',
      database: 'db',
      connectionTimeoutMillis: 2000,
      keepAlive: true,
      application_name: 'pets',
      statement_timeout: 500,
    });
    expect(settings({ url: 'postgres:///db?host=/var/run/postgresql&port=5433' })).toMatchObject({
      host: '/var/run/postgresql',
      port: 5433,
    });
  });

  it("gives PostgreSQL asyncpg's settings of the server", () => {
    const create_engine_kwargs = { connect_args: { server_settings: { jit: 'off', application_name: 'a b' } } };
    expect(settings({ url: 'postgres://u@h/db?options=-c%20a=b', create_engine_kwargs })).toMatchObject({
      options: '-c a=b -c jit=off -c application_name=a\\ b',
    });
  });

  it('keeps the options of Python from the drivers of MySQL', () => {
    expect(
      settings({
        url: 'mysql+pymysql://u:p@h:3306/db?charset=utf8mb4&local_infile=1&read_timeout=5&unix_socket=/x.sock',
      }),
    ).toEqual({
      host: 'h',
      port: 3306,
      user: 'u',
      password: 'p',
      database: 'db',
      charset: 'utf8mb4',
      socketPath: '/x.sock',
      connectTimeout: 10_000,
    });
  });

  it('opens a file that only may be read', () => {
    expect(settings({ url: 'sqlite:///file:x.db?mode=ro&uri=true' })).toEqual({
      filename: 'x.db',
      options: { readonly: true },
      flags: ['OPEN_READONLY'],
    });
    expect(settings({ url: 'sqlite:///file:x?mode=memory' })).toEqual({ filename: ':memory:' });
  });

  it('tells SQL Server its instance and its encryption', () => {
    expect(
      settings({
        url: 'mssql+pyodbc://sa:p@db\\EXPRESS/x?driver=ODBC+Driver+18&Encrypt=yes&TrustServerCertificate=yes',
      }),
    ).toEqual({
      server: 'db',
      user: 'sa',
      password: 'p',
      database: 'x',
      encrypt: true,
      options: { encrypt: true, trustServerCertificate: true, instanceName: 'EXPRESS' },
    });
  });

  it('tells Oracle its service', () => {
    expect(settings({ url: 'oracle+cx_oracle://u:p@h:1522/?service_name=XE' })).toEqual({
      user: 'u',
      password: 'p',
      connectString: 'h:1522/XE',
    });
    expect(settings({ url: 'oracle://u:p@h/ORCL' })).toMatchObject({ connectString: 'h:1521/ORCL' });
  });
});
