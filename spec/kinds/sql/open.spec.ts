import { describe, expect, it } from '@jest/globals';
import { openDatabase } from '../../../src/kinds/sql/open.ts';

const never = { signal: new AbortController().signal };
const news = { warn: () => undefined, unreachable: () => undefined, moved: () => undefined };

describe('openDatabase', () => {
  it('connects nothing before it is asked', async () => {
    const database = await openDatabase({ url: 'postgres://u:p@127.0.0.1:1/db' }, 'pets', news);
    expect(database.gauge()).toEqual({ size: 0, used: 0, idle: 0, waiting: 0, min: 0, max: 10 });
    await expect(database.check(never)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await database.close(never);
  });

  it('says so when knex refuses the settings', async () => {
    const settings = { url: 'sqlite://', knex: { pool: { nonsense: 1 } } };
    await expect(openDatabase(settings, 'pets', news)).rejects.toMatchObject({
      code: 'invalid_config',
      cause: { message: expect.stringContaining('nonsense') },
    });
  });

  it('keeps a database in memory apart from every other', async () => {
    const [one, two] = [
      await openDatabase({ url: 'sqlite://' }, 'one', news),
      await openDatabase({ url: 'sqlite://' }, 'two', news),
    ];
    const run = (of: typeof one, sql: string, write: boolean) =>
      of.run({ sql }, { write, signal: new AbortController().signal, timeout: undefined, maxRows: undefined });
    await run(one, 'create table pet (a integer)', true);
    await expect(run(two, 'select * from pet', false)).rejects.toThrow(/no such table/);
    await Promise.all([one.close(never), two.close(never)]);
  });
});
