// Reads a result in a process of its own, and says what that cost the process:
// node --expose-gc snowflake-reader.js ACCESS_URL SQL hotline|driver [ROWS BETWEEN TWO COLLECTIONS]
import { createConnections, inline } from 'hotline';
import { driverRows } from './snowflake-driver.js';

const [accessUrl, sql, reader, collectEvery = Infinity] = process.argv.slice(2);
const settings = { account: 'local', accessUrl, username: 'dev', password: 'dev' };
const hot = createConnections({ sources: [inline({ connections: { wh: { type: 'snowflake', ...settings } } })] });
const wh = await hot.connection('wh');
const plain = await driverRows(settings);

let rows = 0;
let ticks = 0;
let longest = 0;
let peak = 0;
let held = 0;

global.gc();
const before = process.memoryUsage();
const began = performance.now();
let last = began;
const interval = setInterval(() => {
  const now = performance.now();
  longest = Math.max(longest, now - last);
  last = now;
  ticks++;
  peak = Math.max(peak, process.memoryUsage.rss());
}, 10);

if (reader === 'driver') for await (const _row of await plain.stream(sql)) count(1);
else for await (const batch of wh.batches(sql)) count(batch.length);

clearInterval(interval);
const elapsed = performance.now() - began;
const growth = (peak - before.rss) / 2 ** 20;
await plain.close();
await hot.close();
console.log(JSON.stringify({ rows, elapsed, ticks, longest, growth, held }));

function count(more) {
  rows += more;
  if (rows % collectEvery !== 0) return;
  global.gc();
  const { heapUsed, external } = process.memoryUsage();
  held = Math.max(held, (heapUsed + external - before.heapUsed - before.external) / 2 ** 20);
}
