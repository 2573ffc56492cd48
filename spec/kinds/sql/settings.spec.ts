import { describe, expect, it } from '@jest/globals';
import { createConnections, inline, SqlConnection } from '../../../src/index.ts';
import { sqlSettings } from '../../../src/kinds/sql/settings.ts';

describe('the settings of a SQL connection', () => {
  it('are taken from params in camelCase, over those of the section; a policy among them is told', async () => {
    const section = { url: 'sqlite://', query_ttl: '1h', max_rows: 1, on_connect: 'pragma cache_size = 7' };
    const hot = createConnections({ sources: [inline({ connections: { pets: section } })] });
    const told: string[] = [];
    hot.events$.subscribe((event) => void (event.type === 'warning' && told.push(event.message)));
    const params = { queryTtl: 0, maxRows: 9, onConnect: 'pragma cache_size = 9', retry: { attempts: 1 } };
    const pets = await hot.connection('pets', { type: SqlConnection, params });
    expect(await pets.query('pragma cache_size')).toEqual([{ cache_size: 9 }]);
    await pets.execute('create table pet (id int)');
    for (const count of [0, 2]) {
      expect(await pets.query('select * from pet')).toHaveLength(count);
      await pets.execute('insert into pet values (1), (2)');
    }
    expect(told).toEqual([
      '"pets": SqlConnection knows no setting "retry"; it is a policy: write it beside `params`, not into them.',
    ]);
    const bad = { createEngineKwargs: { pool_sise: 1 } };
    await expect(hot.connection('pets', { type: SqlConnection, params: bad })).rejects.toMatchObject({
      code: 'invalid_config',
      setting: 'create_engine_kwargs.pool_sise',
    });
    await hot.close();
  });

  it('show where it goes, and never as whom or with what', () => {
    const open = Object.keys(sqlSettings).filter((name) => sqlSettings[name]?.public === true);
    expect(open).toEqual([
      'dialect',
      'driver',
      'host',
      'port',
      'database',
      'filename',
      'autocommit',
      'prepare',
      'busy_timeout',
      'bigint',
      'query_ttl',
      'query_timeout',
      'max_rows',
    ]);
  });

  it('each say what they mean, and what may be written', () => {
    for (const setting of Object.values(sqlSettings)) {
      expect(setting.description).toMatch(/\.$/);
      expect(setting.schema).toBeDefined();
    }
  });
});
