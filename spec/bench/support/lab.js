import { figure } from './table.js';
import { printTable } from './terminal.js';

/**
 * Where a bench measures. `compare` times variants in interleaved rounds, `table` keeps counts of a workload, `atMost` and `holds` state
 * what must be, `beside` says where a peer is as good or better, and why. All of it is kept as data; what is measured is shown at once.
 */
export function createLab({ rounds: asked, show = printTable } = {}) {
  const tables = [];
  const targets = [];
  const notes = [];

  function keep(title, rows) {
    tables.push({ title, rows });
    show(title, rows);
  }

  return {
    /**
     * `variants`: name → function that returns one sample in `unit`. Every round takes one sample of each, starting with another one,
     * so that what the machine does meanwhile falls on all. Ratios are medians of the ratios within a round.
     */
    async compare({ title, unit, rounds = 15, warmup = 2, baseline, variants }) {
      const names = Object.keys(variants);
      const count = asked ?? rounds;
      const samples = new Map(names.map((name) => [name, []]));
      for (let round = -warmup; round < count; round++)
        for (const name of rotate(names, round + warmup)) {
          const sample = await variants[name]();
          if (round >= 0) samples.get(name).push(sample);
        }
      const comparison = comparisonOf({ title, unit, baseline, rounds: count, samples });
      keep(`${title} (${count} interleaved rounds)`, comparison.rows.map(shown(unit, baseline)));
      return comparison;
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
  const rows = [...samples].map(([name, all]) => ({
    name,
    ratio: ratio(name, baseline),
    median: median(all),
    min: Math.min(...all),
    max: Math.max(...all),
  }));
  const of = (name) => rows.find((row) => row.name === name);
  return {
    title,
    unit,
    baseline,
    rounds,
    rows,
    ratio,
    median: (name) => of(name).median,
    added: (name, other) => median(samples.get(name).map((sample, round) => sample - samples.get(other)[round])),
  };
}

function shown(unit, baseline) {
  return ({ name, ratio, median, min, max }) => ({
    variant: name,
    ratio: `${figure(ratio)} ×${name === baseline ? ' (baseline)' : ''}`,
    [`median ${unit}`]: figure(median),
    min: figure(min),
    max: figure(max),
  });
}

function rotate(names, by) {
  const start = by % names.length;
  return [...names.slice(start), ...names.slice(0, start)];
}
