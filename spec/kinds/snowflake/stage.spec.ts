import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { SnowflakeConnection } from '../../../src/index.ts';
import { targetOf } from '../../../src/kinds/snowflake/insert-rows.ts';
import { stagedCopy } from '../../../src/kinds/snowflake/stage.ts';
import { deepIt } from '../../support/depth.ts';
import { errorOf, openSnowflake, sandbox, type SnowflakeWorld } from '../../support/snowflake-world.ts';

const driver = sandbox();
const { TMPDIR } = process.env;
const folder = mkdtempSync(join(tmpdir(), 'hotline-stage-'));
beforeAll(() => void (process.env['TMPDIR'] = folder));
afterAll(() => {
  driver.restore();
  if (TMPDIR === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = TMPDIR;
  rmSync(folder, { recursive: true });
});

let world: SnowflakeWorld;
let wh: SnowflakeConnection;
beforeEach(async () => {
  world = await openSnowflake();
  wh = await world.wh();
  await wh.execute('create table pets (id integer, name varchar, about variant)');
});
afterEach(async () => {
  await world.hot.close();
  expect([...world.server.stages.files.keys()]).toEqual([]);
  // A call that is stopped does not wait for the files to be removed.
  while (readdirSync(folder).length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await world.close();
});

const sent = (): string[] => world.server.log.flatMap(({ sql }) => sql?.split(' ')[0] ?? []);
const count = async (): Promise<unknown> => (await wh.query('select count(*) as n from pets'))[0]!['N'];

/** Three batches of two rows, in files of one batch. */
const target = targetOf('pets', ['id', 'name', 'about'], ['fixed', 'text', 'variant']);
async function* batches(...ids: readonly unknown[]) {
  for (let at = 0; at < ids.length; at += 2) {
    const some = ids.slice(at, at + 2);
    const values = some.flatMap((id) => [id, `pet ${String(id)}`, { id }]);
    yield { columns: ['id', 'name', 'about'], rowCount: some.length, values };
  }
}

describe('rows that one statement does not hold', () => {
  deepIt('go by a stage of their own session, and come back as they were', async () => {
    const texts = ['', 'a "quoted", one', 'two\nlines', 'NULL', '\\N', ' x ', null];
    const rows = Array.from({ length: 17_000 }, (_, id) => ({
      id,
      name: texts[id % texts.length],
      about: id % 2 ? { id, text: 'a,"b"' } : null,
    }));
    const progress: number[] = [];
    world.server.clearLog();
    expect(await wh.insertRows('pets', rows, { progress: (n) => progress.push(n) })).toEqual({ rowCount: 17_000 });
    expect(sent().filter((word) => /^(create|put|copy|insert)$/.test(word))).toEqual(['create', 'put', 'put', 'copy']);
    expect(progress).toEqual([17_000]);
    expect(await wh.query('select * from pets where id < 14 order by id')).toEqual(
      rows.slice(0, 14).map(({ id, name, about }) => ({ ID: id, NAME: name, ABOUT: about })),
    );
    expect(await count()).toBe(17_000);
  });

  it('are cut into files, and taken all at once', async () => {
    const progress: number[] = [];
    const copy = stagedCopy(wh, target, 10);
    const options = { signal: undefined, tags: undefined, progress: (n: number) => void progress.push(n) };
    expect(await copy(batches(1, 2, 3, 4, 5), options)).toBe(5);
    expect(progress).toEqual([2, 4, 5]);
    expect(await count()).toBe(5);
  });

  it('are none where one cannot be taken, and the error names it', async () => {
    const error = await errorOf(stagedCopy(wh, target, 10)(batches(1, 2, 3, 'four', 5), {}));
    expect(error).toMatchObject({
      code: 'query_failed',
      connection: 'wh',
      message: expect.stringContaining("File '2.csv.gz'"),
    });
    expect(error.message).toContain('(row 4 of those that were given)');
    expect(await count()).toBe(0);
  });

  it('are none where a file is missing on the stage', async () => {
    const remove = (): void => void world.server.stages.files.delete([...world.server.stages.files.keys()][0]!);
    const progress = (n: number): void => (n === 4 ? remove() : undefined);
    const error = await errorOf(stagedCopy(wh, target, 10)(batches(1, 2, 3, 4), { progress }));
    expect(error).toMatchObject({ code: 'query_failed', message: expect.stringContaining('2 rows of 4') });
    expect(await count()).toBe(0);
  });

  it('stop with the call', async () => {
    const stop = new AbortController();
    const progress = (): void => stop.abort();
    const stopped = stagedCopy(wh, target, 10)(batches(1, 2, 3, 4), { signal: stop.signal, progress });
    expect(await errorOf(stopped)).toMatchObject({ code: 'cancelled' });
    expect(await count()).toBe(0);
  });

  it('go in statements where the role may not create a stage', async () => {
    world.server.inject({ sql: /create temporary stage/, code: '003001', sqlState: '42501' });
    expect(await stagedCopy(wh, target, 10)(batches(1, 2, 3), {})).toBe(3);
    expect(await wh.query('select about from pets where id = 3')).toEqual([{ ABOUT: { id: 3 } }]);
    world.server.inject({ sql: /create temporary stage/, code: '000606', sqlState: '57P03' });
    expect(await errorOf(stagedCopy(wh, target, 10)(batches(1, 2, 3), {}))).toMatchObject({ code: 'query_failed' });
  });

  it('go in statements where their size was asked for', async () => {
    world.server.clearLog();
    await wh.insertRows('pets', [{ id: 1 }, { id: 2 }, { id: 3 }], { batchSize: 1 });
    expect(sent().filter((word) => /^(create|put|copy|insert)$/.test(word))).toEqual(['insert', 'insert', 'insert']);
  });
});
