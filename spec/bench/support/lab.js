import { chance } from '../../soak/chance.js';
import { figure } from './table.js';
import { printTable } from './terminal.js';

/**
 * Where a bench measures. `compare` times variants in interleaved rounds, `table` keeps counts of a workload, `atMost` and `holds` state
 * what must be, `beside` says where a peer is as good or better, and why. All of it is kept as data; what is measured is shown at once.
 */
export function createLab({ rounds: asked, show = printTable } = {}) {
  const random = chance(1, 0);
  const tables = [];
  const targets = [];
  const notes = [];

  function keep(title, rows) {
    tables.push({ title, rows });
    show(title, rows);
  }

  return {
    /**
     * `variants`: name → function that returns one sample in `unit`. Every round takes one sample of each, in another order each time, so
     * that what the machine does meanwhile falls on all, and what one leaves to do (garbage, timers) on each of the others. Ratios are medians of the ratios within a round.
     */
    async compare({ title, unit, rounds = 15, warmup = 2, baseline, variants }) {
      const names = Object.keys(variants);
      const count = asked ?? rounds;
      const samples = new Map(names.map((name) => [name, []]));
      for (let round = -warmup; round < count; round++)
        for (const name of random.shuffled(names)) {
          const sample = await variants[name]();
          if (round >= 0) samples.get(name).push(sample);
        }
      const comparison = comparisonOf({ title, unit, baseline, rounds: count, samples });
      keep(`${title} (${count} interleaved rounds)`, comparison.rows.map(shown(unit, baseline)));
      return comparison;
    },

    /**
     * `variants`: name → function that returns `{ wall, cpu }`, microseconds a call of the wall and of the process that works. Returns a
     * comparison of each.
     */
    async compareWork({ title, rounds, warmup = 0, baseline, variants }) {
      const names = Object.keys(variants);
      const count = asked ?? rounds;
      const samples = { 'wall time': new Map(), CPU: new Map() };
      for (const measure of Object.values(samples)) for (const name of names) measure.set(name, []);
      for (let round = -warmup; round < count; round++)
        for (const name of random.shuffled(names)) {
          const { wall, cpu } = await variants[name]();
          if (round < 0) continue;
          samples['wall time'].get(name).push(wall);
          samples.CPU.get(name).push(cpu);
        }
      const [wall, cpu] = Object.entries(samples).map(([what, of]) => {
        const comparison = comparisonOf({ title, unit: 'µs', baseline, rounds: count, samples: of });
        keep(`${title}, ${what} (${count} interleaved rounds)`, comparison.rows.map(shown('µs', baseline)));
        return comparison;
      });
      return { wall, cpu };
    },

    /** `variants`: name → a call. A sample is a block of `calls` calls by `atOnce` callers, after `warmup` calls of each variant. */
    async compareCalls({ rounds = 301, warmup = 25_000, calls, atOnce = 1, variants, ...how }) {
      const each = Object.entries(variants);
      for (const [, call] of each) await block(call, asked ? calls : warmup, atOnce);
      const blocks = each.map(([name, call]) => [name, () => block(call, calls, atOnce)]);
      return this.compareWork({ ...how, rounds, variants: Object.fromEntries(blocks) });
    },

    /** Rows of figures that are no samples: counts of a workload. */
    table: keep,

    /** `value` must be at most `limit`; for a count that must not happen the limit is 0. */
    atMost(what, value, limit, unit = '') {
      targets.push({ what, value, limit, unit, met: value <= limit });
    },

    /** What must hold and is no figure. */
    holds(what, met) {
      targets.push({ what, value: met, limit: true, unit: '', met });
    },

    /** What a reader of the figures has to know. */
    note(text) {
      notes.push(text);
    },

    /** `reasons`: peer → why it may be as good. Noted only where this run says that it is. */
    beside(comparison, ours, reasons) {
      for (const [peer, why] of Object.entries(reasons)) {
        const ratio = comparison.ratio(peer, ours);
        if (ratio > 1.05) continue;
        const how = ratio < 0.95 ? 'ahead of' : 'equal to';
        notes.push(`**${peer}** is ${how} ${ours} here (${figure(ratio)} × its time): ${why}`);
      }
    },

    result: () => ({ tables, targets, notes }),
  };
}

/** Microseconds a call, of the wall and of this process, of about `calls` calls by `atOnce` callers. */
export async function block(call, calls, atOnce) {
  const each = Math.ceil(calls / atOnce);
  const caller = async () => {
    for (let i = 0; i < each; i++) await call();
  };
  const work = process.cpuUsage();
  const began = process.hrtime.bigint();
  if (atOnce === 1) await caller();
  else await Promise.all(Array.from({ length: atOnce }, caller));
  const wall = Number(process.hrtime.bigint() - began) / 1000;
  const { user, system } = process.cpuUsage(work);
  return { wall: wall / (each * atOnce), cpu: (user + system) / (each * atOnce) };
}

/** Nanoseconds for each of `times` calls of `operation(i)`, which may be asynchronous. */
export async function nanosecondsEach(times, operation) {
  const began = process.hrtime.bigint();
  for (let i = 0; i < times; i++) {
    const pending = operation(i);
    if (pending !== undefined) await pending;
  }
  return Number(process.hrtime.bigint() - began) / times;
}

/** Nanoseconds of this process's own work for each call: what others do on the machine is not counted, and neither is waiting. */
export async function cpuNanosecondsEach(times, operation) {
  const began = process.cpuUsage();
  for (let i = 0; i < times; i++) await operation(i);
  const { user, system } = process.cpuUsage(began);
  return ((user + system) * 1000) / times;
}

/** nanosecondsEach where every call is synchronous, so that the loop adds no `await`. */
export function nanosecondsEachSync(times, operation) {
  const began = process.hrtime.bigint();
  for (let i = 0; i < times; i++) operation(i);
  return Number(process.hrtime.bigint() - began) / times;
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

function comparisonOf({ title, unit, baseline, rounds, samples }) {
  const ratio = (name, other) => median(samples.get(name).map((sample, round) => sample / samples.get(other)[round]));
  const low = (name, other) => percentile(samples.get(name), 0.1) / percentile(samples.get(other), 0.1);
  const rows = [...samples].map(([name, all]) => ({
    name,
    ratio: ratio(name, baseline),
    low: low(name, baseline),
    median: median(all),
    p10: percentile(all, 0.1),
    max: Math.max(...all),
  }));
  const of = (name) => rows.find((row) => row.name === name);
  return {
    title,
    unit,
    baseline,
    rounds,
    rows,
    /** The median of the ratios within a round. */
    ratio,
    /** The ratio of the 10th percentiles: of what each takes where nothing else disturbs it. */
    low,
    median: (name) => of(name).median,
    added: (name, other) => median(samples.get(name).map((sample, round) => sample - samples.get(other)[round])),
  };
}

function shown(unit, baseline) {
  return ({ name, ratio, low, median, p10, max }) => ({
    variant: name,
    ratio: `${figure(ratio)} ×${name === baseline ? ' (baseline)' : ''}`,
    'ratio at p10': `${figure(low)} ×`,
    [`median ${unit}`]: figure(median),
    p10: figure(p10),
    max: figure(max),
  });
}
