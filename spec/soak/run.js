// npm run soak -- [--minutes N] [--seed N] [--snowflake] [--write]
// Ten minutes of changes, faults and work against real servers, and whether anything was lost, doubled or kept. Without --minutes, or with --write,
// docs/soak.md and docs/images/soak.svg are written. With --snowflake there is work on Snowflake alone, which is away for 2 of every 10 s. Ends non-zero when the verdict is no.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createLedger } from './ledger.js';
import { pageOf } from './page.js';
import { plotOf } from './plot.js';
import { descriptors, measures, startSampler } from './sampler.js';
import { createTrouble } from './trouble.js';
import { growths } from './verdict.js';
import { createWork } from './work.js';
import { openWorld } from './world.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    seed: { type: 'string' },
    snowflake: { type: 'boolean', default: false },
    write: { type: 'boolean' },
  },
});
const minutes = Number(values.minutes ?? 10);
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
if (!(minutes > 0 && minutes <= 120) || !Number.isInteger(seed)) {
  console.error('--minutes takes a number up to 120, --seed a whole number.');
  process.exit(2);
}
console.log(
  `soak: ${minutes} minutes, seed ${seed} (the same again: npm run soak -- --minutes ${minutes} --seed ${seed})`,
);

const errors = [];
const overdue = setTimeout(
  () => {
    console.error(['soak: it did not end by itself', ...errors].join('\n'));
    process.exit(1);
  },
  minutes * 60_000 + 120_000,
);

const world = await openWorld();
for (const event of ['uncaughtException', 'unhandledRejection'])
  process.on(event, (error) => errors.push(`${event}: ${error?.stack ?? error}`));
process.on('warning', (warning) => {
  if (warning.name === 'MaxListenersExceededWarning') errors.push(`warning: ${warning.stack}`);
});

await settled(0, 2);
const before = descriptors();
const opened = new Set();
let instances = 0;
world.hot.events$.subscribe(({ type, id, generation }) => {
  if (type === 'instance.ready' && opened.add(`${id} ${generation}`)) instances++;
  if (type === 'instance.closed') opened.delete(`${id} ${generation}`);
});
const ledger = createLedger();
const trouble = createTrouble(world, seed);
const work = await createWork(world, trouble, ledger, seed, values.snowflake ? ['lake'] : undefined);

const end = performance.now() + minutes * 60_000;
const isOver = () => performance.now() > end;
const sampler = startSampler();
const progress = setInterval(() => {
  const { seconds, values } = sampler.samples.at(-1);
  const figures = measures.map((measure, i) => `${measure} ${Math.round(values[i])}`).join(', ');
  console.log(
    `${Math.round(seconds)} s: ${figures}; ${work.failures.length} failures, ${errors.length} process errors`,
  );
}, 10_000);
const working = work.run();
await (values.snowflake ? trouble.blip(isOver) : trouble.run(isOver));
sampler.stop();
clearInterval(progress);
work.stop();
await working;

await world.hot.close({ timeout: 30_000 });
const audit = ledger.audit(await world.count());
await settled(before);
const open = await world.stillOpen();
const after = descriptors();
await world.close();
clearTimeout(overdue);

const flat = growths(sampler.samples, measures);
const counts = {
  'failed without a fault to explain it': work.failures.length,
  'failovers not noticed within 2 s': trouble.unnoticed,
  'instances opened and not closed': opened.size,
  'left open on PostgreSQL': open.postgres,
  'left open on Snowflake': open.snowflake,
  'left open through the proxies': open.proxies,
  'descriptors more than before': Math.max(0, after - before) || 0,
  'process-wide error events': errors.length,
  'writes doubled': audit.doubled,
  'writes lost': audit.lost,
  'writes rolled back and there': audit['rolled back and there'],
};
const passed = flat.every(({ flat }) => flat !== 'NO') && Object.values(counts).every((n) => n === 0);
const report = {
  minutes,
  seed,
  passed,
  flat,
  counts,
  writes: audit.writes,
  instances,
  work: work.counts,
  trouble: trouble.counts,
};
console.log(pageOf(report));
for (const failure of [...work.failures, ...errors]) console.error(failure);
if (values.write || (values.minutes === undefined && !values.snowflake)) {
  const docs = (name) => fileURLToPath(new URL(`../../docs/${name}`, import.meta.url));
  writeFileSync(
    docs('images/soak.svg'),
    plotOf(sampler.samples, measures, `hotline under ${minutes} minutes of trouble`),
  );
  const { format, resolveConfig } = await import('prettier');
  const config = { ...(await resolveConfig(docs('soak.md'))), parser: 'markdown' };
  writeFileSync(docs('soak.md'), await format(pageOf(report), config));
}
console.log(passed ? 'soak: passed' : `soak: FAILED (seed ${seed})`);
process.exit(passed ? 0 : 1);

/** Drivers keep idle sockets for a few seconds, and libsql a file until the last statement on it is collected. */
async function settled(limit, seconds = 15) {
  for (let second = 0; second < seconds && descriptors() > limit; second++) {
    await pause(1000);
    globalThis.gc();
  }
}
