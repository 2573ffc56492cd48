// Reads a million rows in a process of its own, and says what that cost the process: node snowflake-reader.js ACCESS_URL SQL
import { createConnections, inline } from 'hotline';

const [accessUrl, sql] = process.argv.slice(2);
const settings = { type: 'snowflake', account: 'local', accessUrl, username: 'dev', password: 'dev' };
const hot = createConnections({ sources: [inline({ connections: { wh: settings } })] });
const wh = await hot.connection('wh');

global.gc();
const before = process.memoryUsage.rss();
const began = performance.now();
let last = began;
let ticks = 0;
let longest = 0;
const interval = setInterval(() => {
  const now = performance.now();
  longest = Math.max(longest, now - last);
  last = now;
  ticks++;
}, 10);

let peak = 0;
let rows = 0;
for await (const batch of wh.batches(sql)) {
  rows += batch.length;
  peak = Math.max(peak, process.memoryUsage.rss());
}
clearInterval(interval);
const elapsed = performance.now() - began;
await hot.close();
console.log(JSON.stringify({ rows, elapsed, ticks, longest, growth: (peak - before) / 2 ** 20 }));
