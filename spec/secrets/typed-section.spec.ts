import { describe, expect, it } from '@jest/globals';
import { typedSection } from '../../src/secrets/typed-section.ts';

const known = {
  autocommit: { schema: { type: 'boolean' } },
  max_rows: { schema: { type: 'integer' } },
  ratio: { schema: { anyOf: [{ type: 'number' }] } },
  port: { schema: { type: ['integer', 'string'] } },
  ssl: { schema: { type: ['boolean', 'string', 'object'] } },
  password: { schema: { type: 'string' } },
  privateKeyPath: {},
  list: { schema: { type: 'array' } },
  knex: {
    schema: {
      type: 'object',
      properties: { searchPath: { type: ['string', 'array'] }, pool: { properties: { max: { type: 'integer' } } } },
    },
  },
};

const read = (section: object, rank?: (path: readonly string[]) => number): object =>
  typedSection(section as never, known, rank).settings;

describe('typedSection', () => {
  it('reads text by the type of its setting, and leaves what is text or cannot be read', () => {
    expect(read({ autocommit: 'FALSE', max_rows: ' 50 ', ratio: '0.5', ssl: 'false' })).toEqual({
      autocommit: false,
      max_rows: 50,
      ratio: 0.5,
      ssl: false,
    });
    expect(read({ autocommit: 'off' })).toEqual({ autocommit: false });
    const kept = { autocommit: 'maybe', max_rows: '5e3', port: '5432', ssl: 'require', password: 'true', other: '7' };
    expect(read(kept)).toEqual(kept);
    expect(read({ max_rows: '90071992547409931' })).toEqual({ max_rows: '90071992547409931' });
    expect(read({ list: 'a, b' })).toEqual({ list: ['a', 'b'] });
    expect(read({ list: '["a,b", 1]', knex: '{"pool":{"max":5}}' })).toEqual({
      list: ['a,b', 1],
      knex: { pool: { max: 5 } },
    });
  });

  it('matches names without case and underscores, also inside of tables, and policies', () => {
    expect(read({ MAXROWS: '1', privatekeypath: 'k', KNEX: { searchpath: 'a', POOL: { MAX: '3' } } })).toEqual({
      max_rows: 1,
      privateKeyPath: 'k',
      knex: { searchPath: 'a', pool: { max: 3 } },
    });
    expect(read({ IDLETIMEOUT: '5m', drain_timeout: '1s' })).toEqual({ idleTimeout: '5m', drainTimeout: '1s' });
  });

  it('of two spellings takes the one of the higher rank, and says where it was written', () => {
    const rank = ([key]: readonly string[]): number => (key === 'knex' || key === 'max_rows' ? 1 : 0);
    const section = { max_rows: 1, maxrows: 2, knex: { searchPath: 'a' }, KNEX: { searchpath: 'b', pool: { max: 1 } } };
    const { settings, written } = typedSection(section, known, rank);
    expect(settings).toEqual({ max_rows: 1, knex: { searchPath: 'a', pool: { max: 1 } } });
    expect(written(['max_rows'])).toEqual([['max_rows']]);
    expect(written(['knex', 'pool', 'max'])).toEqual([['KNEX', 'pool', 'max']]);
    expect(written(['knex'])).toEqual([['KNEX'], ['knex']]);
    expect(typedSection(section, known, (path) => -rank(path)).written(['max_rows'])).toEqual([['maxrows']]);
  });
});
