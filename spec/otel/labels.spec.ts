import { afterEach, describe, expect, it } from '@jest/globals';
import { createConnections, inline } from 'hotline';
import * as names from '../../src/otel/names.ts';
import { Labels } from '../../src/otel/labels.ts';
import { pool, settled, stage, type Stage } from './stage.ts';

describe('labels', () => {
  let on: Stage;
  afterEach(() => on.close());

  const sqlite = { type: 'sql', url: 'sqlite://:memory:' };

  describe('labels', () => {
    it('hold what its kind calls public, and what the program adds', async () => {
      on = stage(
        { pets: { ...sqlite, username: 'nobody-knows' }, clock: { type: 'memory', host: 'hidden' } },
        {
          attributesOf: ({ id, name, kind }) =>
            kind === 'SqlConnection' ? { 'db.system.name': 'sqlite', team: id + name } : {},
        },
      );
      await (await on.hot.connection('pets', { type: 'sql' })).query('select 1');
      await on.hot.connection('clock');
      const [query] = on.collector.spans.filter(({ name }) => name === 'query pets');
      expect(query?.attributes).toMatchObject({ 'db.system.name': 'sqlite' });
      const [clock] = on.collector.spans.filter(({ name }) => name === 'open clock');
      expect(clock?.attributes).toEqual({
        'db.client.connection.pool.name': 'clock',
        'hotline.connection.generation': 1,
      });
      expect(on.collector.text).not.toMatch(/hidden|nobody-knows/);
    });

    it.each([
      ['postgres://app:hunter22@db.example.org:5433/farm', 'postgresql', 'farm', 'db.example.org', 5433],
      ['postgresql+psycopg2://app:hunter22@[::1]/farm', 'postgresql', 'farm', '::1', undefined],
      ['postgres://app%40x:hunter22@h/farm', 'postgresql', undefined, undefined, undefined],
      ['cockroachdb://h/farm', 'cockroachdb', 'farm', 'h', undefined],
      ['redshift://h/farm', 'aws.redshift', 'farm', 'h', undefined],
      ['mysql://h:3306/farm?ssl=true', 'mysql', 'farm', 'h', 3306],
      ['mariadb://h', 'mariadb', undefined, 'h', undefined],
      ['mssql://sa:hunter22@h/farm', 'microsoft.sql_server', 'farm', 'h', undefined],
      ['oracle://h/farm', 'oracle.db', 'farm', 'h', undefined],
      ['sqlite:///farm.db', 'sqlite', undefined, undefined, undefined],
    ])('tell from %s what the conventions want to know', async (url, system, database, host, port) => {
      on = stage({ pets: { type: 'sql', url } });
      on.hot.status$('pets').subscribe();
      await settled();
      expect(new Labels(on.hot).of('pets')).toEqual({
        ...pool('pets'),
        'db.system.name': system,
        ...(database && { 'db.namespace': database }),
        ...(host && { 'server.address': host }),
        ...(port && { 'server.port': port }),
      });
    });

    it('leave alone what happens in another registry', async () => {
      on = stage({ pets: sqlite });
      await using other = createConnections({ sources: [inline({ connections: { elsewhere: sqlite } })] });
      await (await other.connection('elsewhere', { type: 'sql' })).query('select 1');
      expect(on.collector.spans).toEqual([]);
      const of = await on.collector.collect();
      expect([of('db.client.operation.duration'), of('hotline.lease.use_time')]).toEqual([undefined, undefined]);
    });
  });
});

describe('names', () => {
  it('has each name once, of the conventions or of ours', () => {
    const all = Object.values(names).filter((name) => typeof name === 'string');
    expect(new Set(all).size).toBe(all.length);
    expect(all.filter((name) => !/^(db|server|error|hotline)\./.test(name))).toEqual([]);
  });
});
