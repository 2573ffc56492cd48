// What the board costs: the process without a page and with one, and the page itself, with 1,000 connections at work.
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { serveBoard } from 'hotline/devtools';
import { median } from './support/lab.js';
import { manyConnections } from './support/many-connections.js';

export const about = {
  question:
    'What does the board cost with 1,000 connections and 1,000 events or statements a second: the process while nobody looks and while a page is open, and the page?',
  peers: ['playwright-core'],
};

const count = 1000;
const executablePath = process.env.HOTLINE_TEST_CHROMIUM ?? '/usr/bin/chromium';

export default async function (lab) {
  const work = await manyConnections(count);
  try {
    const bare = await withoutPage(lab, work);
    if (existsSync(executablePath)) await withPage(lab, work, bare);
    else lab.note(`The figures of the page are missing: there is no Chromium at ${executablePath}.`);
  } finally {
    await work.end();
  }
}

/** The share of a core that the process takes, without a board and with one that nobody looks at. */
async function withoutPage(lab, { hot, loads }) {
  const rows = [];
  const shares = { none: 0 };
  for (const [load, most] of Object.entries({ '1,000 statements': 0.5, '1,000 events': 3 })) {
    const samples = { without: [], with: [] };
    for (let round = 0; round < 6; round++)
      for (const which of round % 2 ? ['without', 'with'] : ['with', 'without']) {
        const board = which === 'with' ? await serveBoard(hot) : undefined;
        samples[which].push((await underLoad(loads[load], 2500)).cpu);
        await board?.close();
      }
    const [bare, beside] = [median(samples.without), median(samples.with)];
    shares[load] = bare;
    rows.push({ 'a second': load, 'without a board': percent(bare), 'with a board, no page': percent(beside) });
    lab.atMost(`no page open, ${load} a second: CPU that the board adds`, (beside - bare) * 100, most, '% of a core');
  }
  lab.table('CPU of the process while no page is open', rows);
  return shares;
}

/** The process and the page while somebody looks; `bare`: what the process takes without a board. */
async function withPage(lab, { hot, loads }, bare) {
  const { chromium } = await import('playwright-core');
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const browser = await chromium.launch({ executablePath, args });
  const board = await serveBoard(hot);
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    const began = performance.now();
    await page.goto(board.url);
    await page.locator('.summary', { hasText: `${count} ready` }).waitFor();
    const loaded = performance.now() - began;
    const metrics = await metricsOf(page);
    await page.evaluate(
      `window.long = []; new PerformanceObserver((list) => long.push(...list.getEntries().map((one) => one.duration))).observe({ type: 'longtask' })`,
    );

    const rows = [];
    for (const [load, start] of Object.entries(loads)) {
      await underLoad(start, 2000);
      await page.evaluate('window.long.length = 0');
      const before = await metrics();
      const { cpu, wall } = await underLoad(start, 10_000);
      const after = await metrics();
      globalThis.gc();
      const heap = process.memoryUsage().heapUsed;
      const long = await page.evaluate('window.long');
      const busy = (after.TaskDuration - before.TaskDuration) / (wall / 1000);
      rows.push({
        'a second': load,
        'CPU of the process': percent(cpu),
        'of which the board': percent(cpu - bare[load]),
        'main thread of the page': percent(busy),
        'longest task ms': Math.round(Math.max(0, ...long)),
        'heap of the page MB': megabytes(after.JSHeapUsedSize),
        'heap of the process MB': megabytes(heap),
      });
      lab.atMost(`page open, ${load} a second: main thread of the page`, busy * 100, 25, '%');
      lab.atMost(`page open, ${load} a second: CPU that the board adds`, (cpu - bare[load]) * 100, 6, '% of a core');
    }
    lab.table('A page of 1,000 connections is open', rows);
    lab.table('The page', [{ 'ms to the first connection': Math.round(loaded) }]);
    lab.atMost('page load to the first connection', loaded, 2000, 'ms');
    lab.note(
      'An event is one of a connection: 250 resets a second are 1,000 of them (retired, opening, ready, closed).',
    );
    lab.note('A board that nobody looks at remembers events, and hears no statement.');
  } finally {
    await browser.close();
    await board.close();
  }
}

async function metricsOf(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  return async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
  };
}

/** The share of a core that this process takes while `start` has work done. */
async function underLoad(start, milliseconds) {
  const stop = start();
  await sleep(300);
  const [work, began] = [process.cpuUsage(), performance.now()];
  await sleep(milliseconds);
  const { user, system } = process.cpuUsage(work);
  const wall = performance.now() - began;
  stop?.();
  await sleep(100);
  return { cpu: (user + system) / 1000 / wall, wall };
}

function megabytes(bytes) {
  return (bytes / 2 ** 20).toFixed(1);
}

function percent(share) {
  return `${(share * 100).toFixed(1)} %`;
}
