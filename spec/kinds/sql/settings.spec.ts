import { describe, expect, it } from '@jest/globals';
import { sqlSettings } from '../../../src/kinds/sql/settings.ts';

describe('the settings of a SQL connection', () => {
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
