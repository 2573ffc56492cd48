// Copies a table from one named database to another: in batches, each of them whole, and on after a rotation of either side.
// Run it with `node docs/examples/copy-table.js`. It works in a folder of its own and leaves nothing behind.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bufferCount, filter, firstValueFrom, race, timer } from 'rxjs';
import { createConnections, SqlConnection, tomlFile } from 'hotline';

/** What is there says where to go on, so it can be run again at any time, and no row is written twice. */
async function copyTable(from, to, eachBatch) {
  for (;;) {
    const [{ last }] = await to.query('select coalesce(max(id), 0) as last from pet');
    try {
      const pets$ = from.batches('select id, name from pet where id > :last order by id', { params: { last } });
      for await (const pets of pets$) {
        await to.insertRows('pet', pets);
        await eachBatch(pets.at(-1).id);
      }
      return;
    } catch (error) {
      // The instance was cut under the stream, or under the insertion: the next one takes over.
      if (error.code !== 'lease_aborted' && !error.retryable) throw error;
      console.log(`${error.code}: go on after what is there`);
    }
  }
}

const folder = await mkdtemp(join(tmpdir(), 'hotline-copy-'));
const secrets = join(folder, 'secrets.toml');
// With a server it is a password that changes; here it is any setting. `drain_timeout` cuts the stream at once, to show the worst.
const rotated = (times) =>
  writeFile(
    secrets,
    ['from', 'to']
      .map((name) => `[connections.${name}]\ntype = "sql"\nurl = "sqlite:///${join(folder, name)}.db"\n`)
      .map((section) => `${section}query_timeout = "${30 + times}s"\ndrain_timeout = "0s"\n`)
      .join('\n'),
  );
await rotated(0);

const hot = createConnections({ sources: [tomlFile(secrets)] });
const from = await hot.connection('from', { type: SqlConnection });
const to = await hot.connection('to', { type: SqlConnection });
for (const side of [from, to]) await side.execute('create table pet (id integer primary key, name text)');
await from.execute(`insert into pet
  with recursive n(i) as (select 1 union all select i + 1 from n where i < 10000) select i, 'pet ' || i from n`);

await copyTable(from, to, async (last) => {
  if (last !== 5000) return;
  const ready$ = hot.events$.pipe(filter(({ type }) => type === 'instance.ready'));
  // hotline's own timers never keep a process alive; this one does.
  const both = firstValueFrom(race(ready$.pipe(bufferCount(2)), timer(10_000)));
  await rotated(1);
  console.log('rotated:', (await both).map(({ connection }) => connection).sort());
});

console.log(await to.query('select count(*) as rows, count(distinct name) as pets, max(id) as last from pet'));
await hot.close();
await rm(folder, { recursive: true });
