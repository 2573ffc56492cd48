/* eslint-disable jest/no-export -- one suite that several specs run */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createConnections, json, SqlConnection } from '../../../src/index.ts';

/** The rows of a table of the guide: the type of a column, what is bound, what is read. */
function rowsOf(heading: string): string[][] {
  const section = readFileSync('docs/guides/values.md', 'utf8').split(`## ${heading}\n`)[1]!.split('\n## ')[0]!;
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return rows.map((line) =>
    line
      .slice(1, -1)
      .split(' | ')
      .map((cell) => cell.trim().slice(1, -1)),
  );
}

// eslint-disable-next-line @typescript-eslint/no-implied-eval -- the guide is ours
const valueOf = (code: string | undefined): unknown => new Function('json', `return (${code})`)(json);

/** Every row of the guide of values is true. */
export function describeValues(heading: string, url: () => string, prepare: readonly string[] = []): void {
  describe(`values of ${heading}`, () => {
    const hot = createConnections({ sources: [] });
    let db: SqlConnection;
    let tables = 0;
    beforeAll(async () => {
      db = await hot.connection('values', { type: SqlConnection, url: url() });
      for (const statement of prepare) await db.execute(statement);
    });
    afterAll(() => hot.close());

    it.each(rowsOf(heading))('%s: %s is read as %s', async (type, bound, read) => {
      // A text that comes again is prepared, with the type of the column that it had.
      const table = `value_of_guide_${++tables}`;
      await db.execute(`drop table if exists ${table}`);
      await db.execute(`create table ${table} (v ${type})`);
      await db.execute(`insert into ${table} values (:v)`, { params: { v: valueOf(bound) } });
      const [row] = await db.query(`select v from ${table}`);
      await db.execute(`drop table ${table}`);
      const expected = { v: valueOf(read) };
      if (type === 'interval') expect(row).toMatchObject(expected);
      else expect(row).toEqual(expected);
    });
  });
}
