import { printTable } from './table.js';

/**
 * Where a bench measures. `compare` times variants in interleaved rounds; `table` shows counts; `expect` states what must hold.
 * What a bench expects is collected; the run fails when one of them does not hold.
 */
export function createLab() {
  const comparisons = [];
  const tables = [];
  const expectations = [];

  return {
    /**
     * `variants`: name → function that returns one sample in `unit`. Every round takes one sample of each, starting with another one,
     * so that what the machine does meanwhile falls on all. Ratios are medians of the ratios within a round.
     */
    async compare({ title, unit, rounds = 15, warmup = 2, baseline, variants }) {
      const names = Object.keys(variants);
      const count = Number(process.env.HOTLINE_BENCH_ROUNDS ?? rounds);
      const samples = new Map(names.map((name) => [name, []]));
      for (let round = -warmup; round < count; round++)
        for (const name of rotate(names, round + warmup)) {
          const sample = await variants[name]();
          if (round >= 0) samples.get(name).push(sample);
        }
      const comparison = comparisonOf({ title, unit, baseline, rounds: count, samples });
      comparisons.push(comparison);
      printTable(`${title} (${count} interleaved rounds)`, comparison.rows.map(shown(unit, baseline)));
      return comparison;
    },

    /** Rows of figures that are no samples: counts of a workload. */
    table(title, rows) {
      tables.push({ title, rows });
      printTable(title, rows);
    },

    /** `value` must be at most `limit`; for a count that must not happen the limit is 0. */
    atMost(what, value, limit, unit = '') {
      expectations.push({ what, value, limit, unit, met: value <= limit });
    },

    /** What must hold and is no figure. */
    holds(what, met) {
      expectations.push({ what, value: met, limit: true, unit: '', met });
    },

    result() {
      if (expectations.length > 0)
        printTable(
          'Targets',
          expectations.map(({ what, value, limit, unit, met }) => ({
            target: what,
            value: `${figure(value)} ${unit}`.trim(),
            limit: typeof limit === 'number' ? `≤ ${figure(limit)} ${unit}`.trim() : '',
            met: met ? 'yes' : 'NO',
          })),
        );
      const missed = expectations.filter(({ met }) => !met).map(({ what, value }) => `${what}: ${figure(value)}`);
      return { comparisons, tables, expectations, missed };
    },
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

export function figure(value) {
  if (typeof value !== 'number') return String(value);
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 100 ? String(Math.round(value)) : value.toPrecision(3);
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
  const comparison = { title, unit, baseline, rounds, rows };
  // Not enumerable: what is asked of a comparison is no part of its result.
  return Object.defineProperties(comparison, {
    ratio: { value: ratio },
    median: { value: (name) => of(name).median },
    added: {
      value: (name, other) => median(samples.get(name).map((sample, round) => sample - samples.get(other)[round])),
    },
  });
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
