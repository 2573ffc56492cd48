import { describe, expect, it } from '@jest/globals';
import { materialOf, sqlSettings } from '../../../src/kinds/sql/settings.ts';

describe('the settings of a SQL connection', () => {
  it('show where it goes, and never as whom or with what', () => {
    const open = Object.keys(sqlSettings).filter((name) => sqlSettings[name]?.public);
    expect(open).toEqual([
      'dialect',
      'driver',
      'host',
      'port',
      'database',
      'filename',
      'autocommit',
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

describe('materialOf', () => {
  it('2.I 145 holds what decides the data, and nothing that does not', () => {
    const config = { dialect: 'mysql', host: 'h', username: 'u', password: 'p', database: 'd', knex: {}, ssl: true };
    expect(materialOf(config)).toEqual({ dialect: 'mysql', host: 'h', username: 'u', database: 'd' });
  });

  it('holds a url without its password', () => {
    const of = (password: string) => JSON.stringify(materialOf({ url: `postgres://u:${password}@h/db` }));
    expect(of('one')).toBe(of('two'));
    expect(of('one')).not.toContain('one');
    expect(materialOf({ url: 'postgres://u:p@h/db' })).not.toEqual(materialOf({ url: 'postgres://u:p@h/other' }));
    expect(materialOf({ url: 'garbage' })).toEqual({ url: 'garbage' });
  });
});
