import { afterEach, describe, expect, it } from '@jest/globals';
import { createConnections, inline } from 'hotline';
import * as names from '../../src/otel/names.ts';
import { stage, type Stage } from './stage.ts';

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
