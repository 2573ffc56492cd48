// npm run bench -- [NAME …] [--write] [--json FILE] [--rounds N]
// Runs spec/bench/<NAME>.bench.js, each in a process of its own, against the built package. Without NAME all of them, and docs/benchmarks.md is
// written; with NAME only with --write. One that throws or hangs is reported, and the others go on.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writePage } from './support/page.js';
import { printSummary } from './support/terminal.js';

// A bench ends itself after ten minutes; this is for one whose loop is blocked.
const longest = 11 * 60_000;
const here = fileURLToPath(new URL('.', import.meta.url));
const known = readdirSync(here)
  .filter((file) => file.endsWith('.bench.js'))
  .map((file) => file.slice(0, -'.bench.js'.length));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { write: { type: 'boolean' }, json: { type: 'string' }, rounds: { type: 'string' } },
});
const unknown = positionals.filter((name) => !known.includes(name));
if (unknown.length > 0) refuse(`No bench named ${unknown.join(', ')}. There are: ${known.join(', ')}.`);
if (values.rounds !== undefined && !(Number(values.rounds) >= 1)) refuse('--rounds takes a number of at least 1.');

const directory = mkdtempSync(join(tmpdir(), 'hotline-bench-'));
try {
  const names = positionals.length > 0 ? [...new Set(positionals)] : known;
  const results = [];
  for (const name of names) results.push(await run(name));
  printSummary(results);
  if (values.json) writeFileSync(values.json, `${JSON.stringify(results, undefined, 2)}\n`);
  if (values.write || positionals.length === 0) await writePage(results, known);
  process.exitCode = results.every(({ error, targets }) => !error && targets.every(({ met }) => met)) ? 0 : 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function run(name) {
  const file = join(directory, `${name}.json`);
  const script = join(here, 'support', 'run-one.js');
  const flags = ['--expose-gc', '--no-warnings', script, name, file, values.rounds ?? ''];
  // Without the flags that npm was given, which are the test runner's.
  const env = { ...process.env, NODE_OPTIONS: '' };
  const child = spawn(process.execPath, flags, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env,
    timeout: longest,
    killSignal: 'SIGKILL',
  });
  const ended = await new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? `code ${code}`)));
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    const error = `the process ended with ${ended}`;
    return {
      bench: name,
      error,
      at: new Date().toISOString(),
      seconds: 0,
      load: 0,
      versions: [],
      tables: [],
      targets: [],
      notes: [],
    };
  }
}

function refuse(message) {
  console.error(message);
  process.exit(2);
}
