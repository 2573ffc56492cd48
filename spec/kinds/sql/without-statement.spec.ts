import { describe, expect, it } from '@jest/globals';
import { createConnections, inline } from 'hotline';
import { withoutStatement } from '../../../src/kinds/sql/without-statement.ts';

describe('without-statement', () => {
  describe('what leaves use()', () => {
    it('is the error of the driver, with category, and without the statement and its values', async () => {
      const source = inline({
        connections: { pets: { type: 'sql', url: 'sqlite://:memory:', knex: { pool: { max: 1 } } } },
      });
      await using hot = createConnections({ sources: [source] });
      const pets = await hot.connection('pets', { type: 'sql' });
      await pets.execute('create table pet (name text unique)');
      const name = 'sesame-'.repeat(2_000);
      let seen: unknown;
      const failing = pets.use(async (knex) => {
        await knex('pet').insert({ name });
        await knex('pet')
          .insert({ name })
          .catch((error: unknown) => {
            seen = error;
            throw error;
          });
      });
      const error = await failing.then(
        () => undefined,
        (thrown: unknown) => thrown as Error & { code: string },
      );
      expect(error).toBe(seen);
      expect(error).toMatchObject({ category: 'query', retryable: false, resumable: false });
      expect(error?.message).toMatch(/UNIQUE constraint failed: pet\.name$/);
      expect(error?.message).not.toContain('sesame');
      expect(error?.stack).not.toContain('sesame');
      expect(Object.keys(error ?? {})).not.toContain('category');
      const own = new TypeError('mine - mine');
      expect(await pets.use(() => Promise.reject(own)).catch((thrown: unknown) => thrown)).toBe(own);
      expect(own).not.toHaveProperty('category');
    });
  });

  describe('withoutStatement', () => {
    it.each([
      ["Duplicate entry 'sesame' for key 'pet.name'", "Duplicate entry '?' for key 'pet.name'"],
      ['invalid input syntax for type integer: "sesame"', 'invalid input syntax for type integer: "?"'],
      [
        "Incorrect integer value: 'sesame' for column 'id' at row 1",
        "Incorrect integer value: '?' for column 'id' at row 1",
      ],
    ])('leaves the values out of %s', (said, clean) => {
      const sql = "insert into pet values ('sesame')";
      const error = Object.assign(new Error(said), { sqlMessage: said, sql, bindings: ['sesame'] });
      error.message = `${sql} - ${said}`;
      expect(withoutStatement(error)).toBe(error);
      expect(error.message).toBe(clean);
      expect(JSON.stringify(error) + String(error.stack)).not.toContain('sesame');
    });
  });
});
