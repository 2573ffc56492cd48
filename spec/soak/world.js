// What the soak runs against: PostgreSQL behind two proxies, a local Snowflake in a process of its own, two files of SQLite, and one secrets file.
import { mkdtempSync, rmSync, watch } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnections, SqlConnection, tomlFile } from 'hotline';
import { importTypeScript } from '../bench/support/typescript.js';
import { forkSnowflakeServer } from '../support/snowflake-server/fork.js';
import { secretsFile, tomlOf } from './secrets-file.js';

export const databases = ['pets_one', 'pets_two'];
export const roles = ['app_one', 'app_two'];
const written = 'create table written (id integer)';

export async function openWorld() {
  const { startPostgres } = await importTypeScript('spec/support/postgres.ts');
  const { startTcpProxy } = await importTypeScript('spec/support/tcp-proxy.ts');
  const directory = mkdtempSync(join(tmpdir(), 'hotline-soak-'));
  // The first watch of a process opens a descriptor that stays.
  watch(directory).close();
  const postgres = await startPostgres();
  for (const role of roles) await postgres.sql(`create role ${role} login password 'first'`);
  await postgres.sql("create role tenant login password 'tenant'");
  for (const database of databases) {
    await postgres.sql(`create database ${database}`);
    await inside(postgres, database, written);
    await inside(postgres, database, 'grant all on table written to public');
  }
  const proxies = [await startTcpProxy(postgres.port), await startTcpProxy(postgres.port)];
  const silence = await startSilence();
  const snowflake = await forkSnowflakeServer();
  const files = ['one.db', 'two.db'].map((name) => join(directory, name));

  const settings = {
    pets: { role: roles[0], password: 'first', port: proxies[0].port, database: databases[0] },
    notes: { file: files[0] },
    lake: { accessUrl: snowflake.accessUrl, password: 'dev' },
  };
  const file = secretsFile(join(directory, 'secrets.toml'));
  file.renamed(tomlOf(settings));
  const hot = createConnections({ sources: [tomlFile(file.path)], root: directory, maxEntries: 12 });
  await prepare(settings.lake, files);

  return {
    postgres,
    proxies,
    silence,
    snowflake,
    files,
    settings,
    file,
    hot,
    /** How many rows each id has, over all databases. */
    async count() {
      const counts = new Map();
      const add = (rows) => {
        for (const row of rows) {
          const [id, n] = Object.values(row).map(Number);
          counts.set(id, (counts.get(id) ?? 0) + n);
        }
      };
      const sql = 'select id, count(*) as n from written group by id';
      for (const database of databases) add(await inside(postgres, database, sql));
      await apart(settings.lake, files, async (connections) => {
        for (const connection of connections) add(await connection.query(sql));
      });
      return counts;
    },
    /** What the servers say is still open. */
    async stillOpen() {
      const [{ n }] = await postgres.sql(
        `select count(*)::int as n from pg_stat_activity where usename in ('${[...roles, 'tenant'].join("', '")}')`,
      );
      const { sessionsOpen } = await snowflake.call('counters');
      return { postgres: n, snowflake: sessionsOpen, proxies: proxies[0].open + proxies[1].open };
    },
    async close() {
      await snowflake.close();
      for (const proxy of proxies) await proxy.close();
      silence.close();
      await postgres.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A server that accepts whoever comes, and never says anything. */
async function startSilence() {
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket);
    // What nobody reads has no end.
    socket
      .resume()
      .on('error', () => undefined)
      .on('close', () => sockets.delete(socket));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: server.address().port,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

const prepare = (lake, files) =>
  apart(lake, files, async (connections) => {
    for (const connection of connections) await connection.execute(written);
  });

/** With Snowflake and both files, in a registry of its own. */
async function apart(lake, files, work) {
  const apart = createConnections({ sources: [] });
  const { accessUrl, password } = lake;
  const login = { type: 'snowflake', account: 'local', accessUrl, username: 'dev', password };
  const opened = [await apart.connection('lake', login)];
  for (const file of files)
    opened.push(await apart.connection(file, { type: SqlConnection, url: `sqlite:///${file}` }));
  await work(opened);
  await apart.close();
}

async function inside(postgres, database, sql) {
  const { default: pg } = await import('pg');
  const client = new pg.Client(postgres.url({ database }));
  await client.connect();
  const { rows } = await client.query(sql);
  await client.end();
  return rows;
}
