// docs/benchmarks.md, made from the figures in docs/benchmarks.json.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { figure, tableOf, targetRows } from './table.js';

const path = (name) => fileURLToPath(new URL(`../../../docs/${name}`, import.meta.url));

const introduction = `# Benchmarks

\`npm run bench\` measures all of this and writes this page; \`npm run bench -- NAME\` measures one part and only prints it. Do not edit it by hand.

## How to read it

- **Ratios come first.** Every round takes one sample of each variant, in another order each time, so that what else the machine does falls on
  all of them. A ratio is the median over the rounds, \`at p10\` that of the 10th percentiles: of what each takes where nothing else disturbs it. Below
  1 × is faster than the baseline. Absolute figures are of this machine, and of this hour.
- **Counts stand in the same tables**: what failed, was missed, leaked, or ran on the wrong target in the same run. A count that is not zero makes
  \`npm run bench\` end with an error, and so does a target that is missed.
- **Targets** were set before the code was written. A missed one is not taken out; it says MISSED.
- Peers do other things too, and mostly more than what is measured here. Where one is equal or ahead, a note beneath the table says so, and why.
- Every bench runs in a process of its own, against the built package, with servers on the same machine.
`;

/** Takes these results into the page, in the place of earlier ones of the same benches. */
export async function writePage(results, order) {
  const kept = earlier().filter(({ bench }) => !results.some((result) => result.bench === bench));
  const all = [...kept, ...results].sort((a, b) => order.indexOf(a.bench) - order.indexOf(b.bench));
  await write('benchmarks.json', `${JSON.stringify(all)}\n`);
  await write('benchmarks.md', pageOf(all));
}

export function pageOf(results) {
  const machines = new Set(results.map((result) => result.machine));
  const parts = [
    introduction,
    `## The machine\n`,
    [...machines].join('\n\n'),
    `\n## All targets\n`,
    tableOf(results.map(summary)),
  ];
  return [...parts, ...results.map((result) => section(result, machines.size > 1))].join('\n');
}

function summary({ bench, targets, error }) {
  const met = targets.filter(({ met }) => met).length;
  const missed = targets.flatMap(({ met, what, value, unit }) =>
    met ? [] : [`${what}: ${figure(value)} ${unit}`.trim()],
  );
  return {
    bench: `[${bench}](#${bench})`,
    'targets met': `${met} of ${targets.length}`,
    'counts not zero': targets.filter(({ met, limit }) => !met && limit === 0).length,
    missed: error ? 'did not end' : missed.join('; ') || 'none',
  };
}

function section(
  { bench, question, at, seconds, load, machine, versions, tables, targets, notes, error },
  saysMachine,
) {
  return [
    `\n## ${bench}\n`,
    `${question}\n`,
    `Measured ${at.slice(0, 16).replace('T', ' ')} UTC in ${Math.round(seconds)} s, load ${figure(load)} when it began.`,
    saysMachine ? `On ${machine}.` : '',
    versions.length > 0 ? `Beside it: ${versions.join(', ')}.` : '',
    error ? `\n**It ended before its time: ${error}**` : '',
    ...tables.flatMap(({ title, rows }) => [`\n### ${title}\n`, tableOf(rows)]),
    ...(targets.length > 0 ? ['\n### Targets\n', tableOf(targetRows(targets))] : []),
    notes.length > 0 ? `\n${notes.map((note) => `- ${note}`).join('\n')}` : '',
  ].join('\n');
}

function earlier() {
  try {
    return JSON.parse(readFileSync(path('benchmarks.json'), 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

async function write(name, text) {
  const config = await resolveConfig(path(name));
  writeFileSync(path(name), await format(text, { ...config, filepath: path(name) }));
}
