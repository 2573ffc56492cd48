// What many connections cost: heap, timers, churn, and a change that concerns one of them.
import { setImmediate as turn } from 'node:timers/promises';
import { createConnections, inline } from 'hotline';
import { BehaviorSubject } from 'rxjs';
import { countingScheduler } from './support/counting-scheduler.js';
import { memoryKind } from './support/memory.js';

export const about = {
  question: 'What do many connections cost: heap, timers, churn, and a change that concerns one of them?',
  peers: [],
};

export default async function (lab) {
  await withoutInstance(lab, 100_000);
  await openWithLimits(lab, 10_000);
  await oneChange(lab, 10_000);
  await churn(lab, 1_000_000, 1000);
}

/** Entries that were used and whose instance is closed. */
async function withoutInstance(lab, entries) {
  const { Memory, counts } = memoryKind();
  const scheduler = countingScheduler();
  const hot = createConnections({ sources: [inline({})], scheduler });
  await hot.connection('first', { type: Memory, n: -1, idleTimeout: 0 });
  const names = Array.from({ length: entries }, (_, i) => `name${i}`);

  const before = await heapInUse();
  for (const [n, name] of names.entries()) await hot.connection(name, { type: Memory, n, idleTimeout: 0 });
  await until(() => counts.opened === counts.closed);
  const bytes = ((await heapInUse()) - before) / entries;

  lab.table('Entries without an instance', [{ entries, 'bytes each': Math.round(bytes), timers: scheduler.pending }]);
  lab.atMost('heap of an entry without an instance', bytes, 2048, 'bytes');
  lab.atMost('timers of entries without an instance', scheduler.pending, 0);
  await closed(lab, hot, counts, scheduler, 'entries without an instance');
}

/** Open entries that nobody uses, with both limits set. */
async function openWithLimits(lab, entries) {
  const { Memory, counts } = memoryKind();
  const scheduler = countingScheduler();
  const hot = createConnections({ sources: [inline({})], scheduler, ttl: '1h', idleTimeout: '30m' });
  const before = await heapInUse();
  for (let n = 0; n < entries; n++) await hot.connection(`name${n}`, { type: Memory, n });
  const bytes = ((await heapInUse()) - before) / entries;
  const timers = scheduler.pending / entries;
  lab.table('Open entries with ttl and idleTimeout', [
    { entries, 'bytes each': Math.round(bytes), 'timers each': timers },
  ]);
  lab.atMost('timers of an open entry with two limits', timers, 2);
  lab.atMost('open entries that are not open', entries - (counts.opened - counts.closed), 0);
  await closed(lab, hot, counts, scheduler, 'open entries');
}

/** More names than one would ever have, through a registry that keeps a thousand. */
async function churn(lab, names, maxEntries) {
  const { Memory, counts } = memoryKind();
  const scheduler = countingScheduler();
  const hot = createConnections({ sources: [inline({})], scheduler, maxEntries });
  const began = process.hrtime.bigint();
  const samples = [];
  let mostOpen = 0;
  for (let n = 0; n < names; n++) {
    await hot.connection(`name${n}`, { type: Memory, n });
    mostOpen = Math.max(mostOpen, counts.opened - counts.closed);
    if (n === names / 10 || n === names / 2 || n === names - 1) samples.push(await heapInUse());
  }
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  const [early, middle, late] = samples.map((bytes) => bytes / 2 ** 20);
  lab.table('Distinct names through maxEntries', [
    {
      names,
      maxEntries,
      'names/s': Math.round(names / seconds),
      'most open': mostOpen,
      'heap MB at 10 %': early.toFixed(1),
      '50 %': middle.toFixed(1),
      '100 %': late.toFixed(1),
    },
  ]);
  lab.atMost('heap grown from a tenth of the names to all', late - early, 2, 'MB');
  lab.atMost('open entries beyond maxEntries (and those just closing)', mostOpen, maxEntries * 1.1);
  await closed(lab, hot, counts, scheduler, 'distinct names');
}

/** One section of many changes. */
async function oneChange(lab, sections) {
  const { Memory, counts } = memoryKind();
  const connections = Object.fromEntries(
    Array.from({ length: sections }, (_, n) => [`name${n}`, { type: 'memory', n }]),
  );
  const secrets$ = new BehaviorSubject({ connections });
  const scheduler = countingScheduler();
  const hot = createConnections({ sources: [inline(secrets$)], types: { memory: Memory }, scheduler });
  const emissions = new Map();
  const held = Object.keys(connections).map((name) =>
    hot.connection$(name).subscribe(() => emissions.set(name, (emissions.get(name) ?? 0) + 1)),
  );
  await until(() => emissions.size === sections);
  const opened = counts.opened;
  emissions.clear();

  const began = process.hrtime.bigint();
  secrets$.next({ connections: { ...connections, name77: { type: 'memory', n: -77 } } });
  await until(() => emissions.has('name77'));
  const milliseconds = Number(process.hrtime.bigint() - began) / 1e6;
  await until(() => counts.closed === 1);

  lab.table('A change in one of many live sections', [
    {
      sections,
      'opened anew': counts.opened - opened,
      touched: emissions.size,
      'ms to the new instance': milliseconds.toFixed(1),
    },
  ]);
  lab.atMost('connections opened beyond the one that changed', counts.opened - opened - 1, 0);
  lab.atMost('subscribers told beyond the one that changed', emissions.size - 1, 0);
  held.forEach((subscription) => subscription.unsubscribe());
  await closed(lab, hot, counts, scheduler, 'live sections');
}

async function closed(lab, hot, counts, scheduler, what) {
  await hot.close();
  lab.atMost(`${what}: instances leaked`, counts.opened - counts.closed, 0);
  lab.atMost(`${what}: timers left after close()`, scheduler.pending, 0);
}

async function heapInUse() {
  for (let i = 0; i < 3; i++) {
    await turn();
    globalThis.gc();
  }
  return process.memoryUsage().heapUsed;
}

/** Looks once a turn of the loop; gives up after a minute, so that a missed event is a missed target and not a hang. */
async function until(happened) {
  const deadline = Date.now() + 60_000;
  while (!happened()) {
    if (Date.now() > deadline) throw new Error(`It did not happen within a minute: ${happened}`);
    await turn();
  }
}
