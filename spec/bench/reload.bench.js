// From the end of a write to the new snapshot: another process writes, everybody watches a copy of their own.
import { fork } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import chokidar from 'chokidar';
import { createConnections, tomlFile } from 'hotline';
import { filter, firstValueFrom, map } from 'rxjs';
import { parse } from 'smol-toml';
import { percentile } from './support/lab.js';
import { c12 as loadC12 } from './support/peer-packages.js';

export const about = {
  question:
    'How long after the end of a write is the new snapshot there, and is every change seen? Another process writes.',
  peers: ['c12', 'chokidar', 'smol-toml'],
};

const settle = 60;
const now = () => performance.timeOrigin + performance.now();
const textOf = (version) => `version = ${version}\n[connections.pets]\nurl = "sqlite:///pets-${version}.db"\n`;

const floor = 'fs.watch + read + parse';
const contenders = { hotline, [floor]: bare, 'c12 watchConfig': c12, 'chokidar, awaitWriteFinish': finished };
const scenarios = {
  'in place': { times: 60, prepare: create, change: inPlace },
  'synced, then renamed': { times: 60, prepare: create, change: renamed },
  'Kubernetes ..data swap': {
    times: 40,
    prepare: (writer, root, version) => swapped(writer, root, version),
    change: swapped,
  },
};

export default async function (lab) {
  const writer = startWriter();
  const figures = {};
  for (const [name, scenario] of Object.entries(scenarios)) figures[name] = await race(lab, writer, name, scenario);
  const p50 = (scenario, contender) => percentile(figures[scenario].get(contender).latencies, 0.5);
  for (const scenario of ['synced, then renamed', 'Kubernetes ..data swap'])
    lab.atMost(`${scenario}: p50 over the floor`, p50(scenario, 'hotline') - p50(scenario, floor), 3, 'ms');
  lab.atMost('in place: p95', percentile(figures['in place'].get('hotline').latencies, 0.95), settle + 10, 'ms');
  for (const name of Object.keys(scenarios))
    lab.atMost(`${name}: missed by hotline`, figures[name].get('hotline').missed, 0);
  await manySections(lab);
  // Until now it also held the process: who waits for a change does not.
  writer.stop();
}

/** All contenders in turn, one change each, again and again. */
async function race(lab, writer, title, { times, prepare, change }) {
  const runs = [];
  for (const [name, open] of Object.entries(contenders)) {
    const root = mkdtempSync(join(tmpdir(), 'hotline-reload-'));
    await prepare(writer, root, 0);
    const run = { name, root, seen: -1, at: 0, latencies: [], missed: 0 };
    const see = (version) => Object.assign(run, version === run.seen ? {} : { seen: version, at: now() });
    run.close = await open(join(root, 'secrets.toml'), see);
    runs.push(run);
  }
  await pause(200);
  for (let version = 1; version <= times; version++)
    for (const run of runs) {
      const written = await change(writer, run.root, version);
      for (const deadline = now() + 1500; run.seen !== version && now() < deadline;) await pause(1);
      if (run.seen === version) run.latencies.push(Math.max(0, run.at - written));
      else run.missed++;
      await pause(15);
    }
  for (const run of runs) {
    await run.close();
    rmSync(run.root, { recursive: true });
  }
  lab.table(
    title,
    runs.map(({ name, latencies, missed }) => ({
      contender: name,
      changes: times,
      missed,
      'p50 ms': percentile(latencies, 0.5)?.toFixed(1),
      'p95 ms': percentile(latencies, 0.95)?.toFixed(1),
      'max ms': percentile(latencies, 1)?.toFixed(1),
    })),
  );
  return new Map(runs.map((run) => [run.name, run]));
}

/** One of 10,000 sections changes: what the reload costs, to its second look after the settle time, beside the bare parse. */
async function manySections(lab) {
  const root = mkdtempSync(join(tmpdir(), 'hotline-sections-'));
  const next = mkdtempSync(join(tmpdir(), 'hotline-sections-next-'));
  const path = join(root, 'secrets.toml');
  const write = (directory, version) => {
    const sections = Array.from(
      { length: 10_000 },
      (_, i) => `[connections.c${i}]\nurl = "sqlite:///c${i}-${i === 7 ? version : 0}.db"\nuser = "u${i}"\n`,
    );
    writeFileSync(join(directory, 'secrets.toml'), sections.join('\n'), { flush: true });
  };
  write(root, 0);
  const hot = createConnections({ sources: [tomlFile(path)] });
  const version$ = hot.secrets$.pipe(map((secrets) => secrets.get('connections.c7.url')));
  await firstValueFrom(version$);
  let version = 0;
  const cost = await lab.compare({
    title: 'One of 10,000 sections changed, CPU',
    unit: 'ms',
    rounds: 31,
    warmup: 5,
    baseline: 'bare smol-toml parse',
    variants: {
      'bare smol-toml parse': () => cpu(() => parse(readFileSync(path, 'utf8'))),
      'hotline: file to snapshot': async () => {
        const mine = ++version;
        write(next, mine);
        const seen = firstValueFrom(version$.pipe(filter((url) => url === `sqlite:///c7-${mine}.db`)));
        return cpu(async () => {
          renameSync(join(next, 'secrets.toml'), path);
          await seen;
          await pause(2 * settle);
        });
      },
    },
  });
  await hot.close();
  for (const directory of [root, next]) rmSync(directory, { recursive: true });
  lab.atMost('reload CPU over the bare parse', cost.ratio('hotline: file to snapshot', cost.baseline), 2, '×');
}

/** Milliseconds of this process's CPU that `work` takes. */
async function cpu(work) {
  globalThis.gc?.();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

async function hotline(path, see) {
  const hot = createConnections({ sources: [tomlFile(path)] });
  hot.secrets$.subscribe((secrets) => see(secrets.get('version')));
  return () => hot.close();
}

async function bare(path, see) {
  const look = () => {
    try {
      see(parse(readFileSync(path, 'utf8')).version);
    } catch {
      // Half written, or between two names.
    }
  };
  const watcher = watch(join(path, '..'), look);
  return () => watcher.close();
}

async function c12(path, see) {
  const { watchConfig } = await loadC12();
  const config = await watchConfig({
    cwd: join(path, '..'),
    configFile: 'secrets',
    onUpdate: ({ newConfig }) => see(newConfig.config.version),
  });
  return () => config.unwatch();
}

async function finished(path, see) {
  const look = () => see(parse(readFileSync(path, 'utf8')).version);
  const watcher = chokidar.watch(path, { awaitWriteFinish: { stabilityThreshold: 50, pollInterval: 10 } });
  watcher.on('change', look).on('add', look);
  await new Promise((ready) => watcher.once('ready', ready));
  return () => watcher.close();
}

function create(writer, root, version) {
  return writer.ask({ op: 'create', path: join(root, 'secrets.toml'), text: textOf(version) });
}

function inPlace(writer, root, version) {
  return writer.ask({ op: 'inPlace', path: join(root, 'secrets.toml'), text: textOf(version) });
}

function renamed(writer, root, version) {
  return writer.ask({ op: 'syncAndRename', path: join(root, 'secrets.toml'), text: textOf(version) });
}

function swapped(writer, root, version) {
  return writer.ask({ op: 'swap', path: root, files: { 'secrets.toml': textOf(version) }, version });
}

function startWriter() {
  const child = fork(new URL('../sources/watch/writer.js', import.meta.url));
  return {
    /** Resolves with the moment at which the change was complete. */
    ask: (message) =>
      new Promise((resolve) => {
        child.once('message', ({ at }) => resolve(at));
        child.send(message);
      }),
    stop: () => child.disconnect(),
  };
}
