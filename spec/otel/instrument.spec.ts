import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import * as stable from '@opentelemetry/semantic-conventions';
import {
  createConnections,
  tomlFile,
  type ConnectionEvent,
  type ConnectionRegistry,
  type SqlConnection,
} from 'hotline';
import { instrumentConnections } from 'hotline/otel';
import { filter, firstValueFrom } from 'rxjs';
import { runPackageInChild } from '../support/child.ts';
import { startPostgres, type Postgres } from '../support/postgres.ts';
import { Collector } from './collector.ts';
import { pool, stage, type Stage } from './stage.ts';

/** The names that a table of the guide lists under this heading of its first column. */
const listed = (heading: 'metric' | 'attribute' | 'channel'): readonly string[] => {
  const guide = readFileSync('docs/guides/observability.md', 'utf8');
  const table = new RegExp(`^\\| ${heading} .*\\n(?:\\|.*\\n)+`, 'm').exec(guide)?.[0] ?? '';
  return [...table.matchAll(/^\| `([\w.:]+)`/gm)].map(([, name]) => name!).sort();
};

/** What the package of the conventions says of a name: names that are not stable have an entry point of their own. */
function conventional(name: string): string {
  if (Object.values<unknown>(stable).includes(name)) return 'stable';
  const { resolve } = createRequire(join(process.cwd(), 'package.json'));
  const folder = dirname(resolve('@opentelemetry/semantic-conventions'));
  const declared = ['attributes', 'metrics'].map((what) =>
    readFileSync(join(folder, `experimental_${what}.d.cts`), 'utf8'),
  );
  const comment = new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\s*(?:export )?declare const \\w+: "${name}";`);
  const found = declared.map((text) => comment.exec(text)?.[1]).find((text) => text !== undefined);
  if (found === undefined) return 'hotline';
  return found.includes('@deprecated') ? 'deprecated' : 'development';
}

describe('instrument', () => {
  const pets = { 'db.client.connection.pool.name': 'pets' };
  const used = { ...pets, 'db.client.connection.state': 'used' };
  const idle = { ...pets, 'db.client.connection.state': 'idle' };
  const password = 'correct-horse-battery';

  describe('a registry on a real PostgreSQL, measured through a rotation', () => {
    const collector = new Collector();
    let postgres: Postgres;
    let folder: string;
    let secrets: string;
    let hot: ConnectionRegistry;
    let connection: SqlConnection;
    const save = (database: string, secret = password): Promise<void> =>
      writeFile(
        secrets,
        `[connections.pets]\ntype = "sql"\ndialect = "postgresql"\nhost = "127.0.0.1"\nport = ${postgres.port}
username = "app"\npassword = "${secret}"\ndatabase = "${database}"\n[connections.pets.knex]\npool = { min = 0, max = 4 }\n`,
      );
    const told = (type: ConnectionEvent['type']): Promise<unknown> =>
      firstValueFrom(hot.events$.pipe(filter((event) => event.type === type)));

    beforeAll(async () => {
      postgres = await startPostgres();
      await postgres.sql(`create role app login password '${password}'`);
      await postgres.sql('create database farm');
      folder = await mkdtemp(join(tmpdir(), 'hotline-otel-'));
      secrets = join(folder, 'secrets.toml');
      await save('postgres');
      hot = createConnections({ sources: [tomlFile(secrets)], retry: { minDelay: 50 } });
      instrumentConnections(hot, collector);
      connection = await hot.connection('pets', { type: 'sql' });
    }, 60_000);
    afterAll(async () => {
      await hot.close();
      await collector.shutdown();
      await postgres.close();
      await rm(folder, { recursive: true });
    }, 60_000);

    it('knows the pool, the generation and the reload after the first opening', async () => {
      const of = await collector.collect();
      expect([of('db.client.connection.count', used), of('db.client.connection.count', idle)]).toEqual([0, 1]);
      expect(of('db.client.connection.pending_requests', pets)).toBe(0);
      expect(of('hotline.connection.generation', pets)).toBe(1);
      expect(of('hotline.connection.instances', { ...pets, 'hotline.instance.state': 'serving' })).toBe(1);
      expect(of('hotline.connection.reload.successful', pets)).toBe(1);
      expect(of('hotline.source.reload.successful')).toBe(1);
      expect(Math.abs(Number(of('hotline.source.reload.success_time')) - Date.now() / 1000)).toBeLessThan(60);
      expect(of('hotline.connection.open_time', pets)).toMatchObject({ count: 1 });
      expect(of('db.client.connection.create_time', pets)).toMatchObject({ count: 1 });
      expect(['limit', 'idle.max', 'idle.min'].map((what) => of(`db.client.connection.${what}`, pets))).toEqual([
        4, 4, 0,
      ]);
    });

    it('sums both generations while the old one drains, and counts who waits', async () => {
      let release = (): void => undefined;
      const held = new Promise<void>((done) => (release = done));
      const begun = [1, 2, 3, 4].map(
        () =>
          new Promise<Promise<void>>((go) =>
            go(connection.transaction(async (tx) => void (await tx.query('select 1'), await held))),
          ),
      );
      const waiting = connection.query('select 5 as n');
      while (hot.stats('pets').pool?.waiting !== 1) await new Promise((done) => setTimeout(done, 5));
      let of = await collector.collect();
      expect(of('db.client.connection.count', used)).toBe(4);
      expect(of('db.client.connection.pending_requests', pets)).toBe(1);

      const swapped = told('instance.retired');
      const closed = told('instance.closed');
      await save('farm');
      await swapped;
      of = await collector.collect();
      expect([of('db.client.connection.count', used), of('db.client.connection.count', idle)]).toEqual([4, 1]);
      expect(of('hotline.connection.generation', pets)).toBe(2);
      expect(of('hotline.connection.instances', { ...pets, 'hotline.instance.state': 'draining' })).toBe(1);
      expect(of('hotline.connection.drain_time', pets)).toBeUndefined();

      release();
      await Promise.all([...begun, waiting]);
      await closed;
      await new Promise((done) => setImmediate(done));
      of = await collector.collect();
      expect([of('db.client.connection.count', used), of('db.client.connection.count', idle)]).toEqual([0, 1]);
      expect(of('hotline.connection.instances', { ...pets, 'hotline.instance.state': 'draining' })).toBe(0);
      expect(of('hotline.connection.drain_time', { ...pets, 'hotline.retire.reason': 'replaced' })).toMatchObject({
        count: 1,
      });
      expect(of('hotline.connection.open_time', pets)).toMatchObject({ count: 2 });
      // Four of the first pool, and the one that checked the second.
      expect(of('db.client.connection.create_time', pets)).toMatchObject({ count: 5 });
      const [wait, use] = ['wait', 'use'].map((what) => of(`db.client.connection.${what}_time`, pets));
      // Two checks, four transactions and a query.
      expect([wait, use]).toMatchObject([{ count: 7 }, { count: 7 }]);
    });

    it('has a span and a duration for each statement, with its text and no value', async () => {
      await connection.query('select :name::text as name', { params: { name: 'Milo the cat' } });
      await connection.query(`select 'literally secret' as n`);
      await connection.query('select nonsense').catch(() => undefined);
      const spans = collector.spans.filter(({ name }) => name === 'query pets').slice(-3);
      expect(spans.map(({ attributes }) => attributes['db.query.text'])).toEqual([
        'select :name::text as name',
        'select ? as n',
        'select nonsense',
      ]);
      expect(spans[0]?.attributes).toMatchObject({
        ...pets,
        'db.system.name': 'postgresql',
        'db.namespace': 'farm',
        'server.address': '127.0.0.1',
        'server.port': postgres.port,
        'hotline.connection.generation': 2,
        'db.response.returned_rows': 1,
      });
      expect(spans[2]).toMatchObject({
        attributes: { 'error.type': '42703', 'db.response.status_code': '42703', 'hotline.error.code': 'query_failed' },
        status: { code: 2, message: 'query_failed' },
      });
      const of = await collector.collect();
      expect(of('db.client.operation.duration', { 'db.response.status_code': '42703' })).toMatchObject({ count: 1 });
      expect(of('hotline.lease.use_time', pets)).toMatchObject({ count: expect.any(Number) });
    });

    it('says that a reload failed, and when the last good one was', async () => {
      const before = (await collector.collect())('hotline.connection.reload.success_time', pets);
      const failed = told('instance.failed');
      await save('farm', 'wrong-password-1');
      await failed;
      const of = await collector.collect();
      expect(of('hotline.connection.reload.successful', pets)).toBe(0);
      expect(of('hotline.connection.reload.success_time', pets)).toBe(before);
      expect(of('hotline.source.reload.successful')).toBe(1);
      const broken = told('source.failed');
      await writeFile(secrets, 'broken = ');
      await broken;
      expect((await collector.collect())('hotline.source.reload.successful')).toBe(0);
    });

    it('has spans of what was opened and replaced, with no parameter and no secret anywhere', async () => {
      const spans = collector.spans.filter(({ name }) => /^(open|replace) /.test(name));
      expect(spans.slice(0, 3).map(({ name, status }) => [name, status.message])).toEqual([
        ['open pets', undefined],
        ['replace pets', undefined],
        ['replace pets', 'auth_failed'],
      ]);
      await collector.collect();
      expect(collector.text).not.toMatch(new RegExp(`${password}|wrong-password|Milo|literally|"app"`));
      expect(collector.text).toContain('db.client.connection.count');
    });

    it('emits what the guide lists, and nothing else', async () => {
      const knex = { acquireConnectionTimeout: 30, pool: { min: 0, max: 1 } };
      const narrow = await hot.connection('narrow', { type: 'sql', url: 'sqlite://', knex });
      let release = (): void => undefined;
      const holding = narrow.transaction(() => new Promise<void>((done) => (release = done)));
      await expect(narrow.query('select 1', { retry: false })).rejects.toMatchObject({ code: 'pool_exhausted' });
      release();
      await holding;
      await collector.collect();
      expect(collector.names).toEqual({ metrics: listed('metric'), attributes: listed('attribute') });
    });

    it('measures nothing any more once it was stopped', async () => {
      const other = new Collector();
      const running = instrumentConnections(hot, other);
      await connection.query('select 1');
      running.stop();
      await connection.query('select 2');
      expect(other.spans).toHaveLength(1);
      expect((await other.collect())('hotline.connection.generation')).toBeUndefined();
      await other.shutdown();
    });
  });

  describe('the guide', () => {
    it('says of each name what the conventions say', () => {
      const guide = readFileSync('docs/guides/observability.md', 'utf8');
      const rows = [...guide.matchAll(/^\| `([a-z._]+)` +\|.*\| (stable|development|hotline) +\|$/gm)];
      expect(rows.length).toBeGreaterThan(30);
      expect(rows.map(([, name, said]) => [name, said])).toEqual(rows.map(([, name]) => [name, conventional(name!)]));
    });

    it('lists the diagnostics channels', () => {
      const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
      const texts = sources.map((file) => readFileSync(join('src', file), 'utf8'));
      const channels = texts.flatMap((text) =>
        [...text.matchAll(/\bchannel\('(hotline:\w+)'\)/g)].map(([, name]) => name!),
      );
      expect(listed('channel')).toEqual([...new Set(channels)].sort());
    });
  });

  describe('hotline without the subpath', () => {
    it('loads nothing of OpenTelemetry, Nest or a Redis client, and publishes to nobody', async () => {
      const { stdout, stderr } = await runPackageInChild(`
      const { createConnections, inline } = require('hotline');
      const hot = createConnections({ sources: [inline({ connections: { sql: { url: 'sqlite://:memory:' } } })] });
      await (await hot.connection('sql')).query('select 1');
      await hot.close();
      const loaded = Object.keys(require.cache).filter((file) => /@opentelemetry|@nestjs|@redis|@nats-io/.test(file));
      const { channel } = require('node:diagnostics_channel');
      const heard = ['open', 'lease', 'query', 'transaction', 'pool'].filter((name) => channel('hotline:' + name).hasSubscribers);
      console.log(JSON.stringify([loaded, heard]));`);
      expect([stdout.trim(), stderr]).toEqual(['[[],[]]', '']);
    });
  });
});

describe('lease metrics', () => {
  let on: Stage;
  afterEach(() => on.close());

  describe('lease metrics', () => {
    it('are how long callers waited for an instance, and how long they held it', async () => {
      on = stage({ pets: { type: 'memory' } });
      on.memory.delay = 60;
      const pets = await on.hot.connection('pets');
      await pets.reset();
      await pets.use(() => new Promise((done) => setTimeout(done, 40)));
      const of = await on.collector.collect();
      const [wait, use] = ['wait', 'use'].map(
        (what) => of(`hotline.lease.${what}_time`, pool('pets')) as { sum: number },
      );
      expect([wait, use]).toMatchObject([{ count: 1 }, { count: 1 }]);
      expect([wait!.sum > 0.04, use!.sum > 0.02, use!.sum < 10]).toEqual([true, true, true]);
    });
  });
});
