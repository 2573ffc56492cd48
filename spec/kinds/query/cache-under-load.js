// A process with ten loops of cached queries over a Redis that goes away in the middle; says what they lost by it.
import { setTimeout as pause } from 'node:timers/promises';
import KeyvRedis from '@keyv/redis';
import { createConnections, inline, sharedResults, SqlConnection } from 'hotline';
import Keyv from 'keyv';

const [url, moment] = process.argv.slice(2);
const keyv = new Keyv(new KeyvRedis(url));
const sources = [inline({ connections: { pets: { url: 'sqlite://:memory:' } } })];
const hot = createConnections({ sources, queryCache: { store: sharedResults(keyv) } });
const pets = await hot.connection('pets', { type: SqlConnection });

/** When this process did not run although it would have: others had the processor. */
const stolen = [];
let last = [performance.now(), process.cpuUsage()];
setInterval(() => {
  const [now, used] = [performance.now(), process.cpuUsage(last[1])];
  const lost = now - last[0] - (used.user + used.system) / 1000 - 2;
  if (lost > 0) stolen.push({ from: last[0], to: now, lost });
  last = [now, process.cpuUsage()];
}, 1);

/** Milliseconds of each call, without those in which the process was not let run. */
async function slowest(work, goesOn) {
  const calls = [];
  const loop = async (reader) => {
    while (goesOn()) {
      const from = performance.now();
      await work(calls.length, reader);
      calls.push({ from, to: performance.now() });
      await pause(2);
    }
  };
  await Promise.all(Array.from({ length: 10 }, (_, reader) => loop(reader)));
  await pause(20);
  const own = ({ from, to }) =>
    to - from - stolen.filter((gap) => gap.to > from && gap.from < to).reduce((sum, { lost }) => sum + lost, 0);
  return { calls: calls.length, slowest: Math.max(...calls.map(own)) };
}

const untilPassed = (milliseconds) => {
  const end = performance.now() + milliseconds;
  return () => performance.now() < end;
};
const sql = 'select ? as n, ? as reader';
let asked = 0;
const query = async (n, reader, options) => {
  const rows = await pets.query(sql, { params: [n, reader], ...options });
  if (rows[0].n !== n || rows[0].reader !== reader) throw new Error('rows of another query');
};
const cached = async (n, reader) => {
  const options = { ttl: '1h', tags: ['pets'] };
  if (n % 7 === 6) await pets.execute('select 1', { tags: ['pets'] });
  else await query(asked++, reader, options);
};

const goAway = () => new Promise((done) => process.once('message', done).send('go away'));
if (moment === 'before the first query') await goAway();
await query(0, 0);
const own = await slowest(query, untilPassed(1000));
if (moment !== 'before the first query') void pause(1000).then(goAway);
const load = await slowest(cached, untilPassed(4000));
process.send({ own, load, stolen: Math.max(0, ...stolen.map(({ lost }) => lost)) }, () => process.exit());
