// npm run bench -- [NAME …] [--json FILE] [--rounds N]
// Runs spec/bench/<NAME>.bench.js (all of them without NAME), each in a process of its own, against the built package.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = fileURLToPath(new URL('.', import.meta.url));
const known = readdirSync(here)
  .filter((file) => file.endsWith('.bench.js'))
  .map((file) => file.slice(0, -'.bench.js'.length));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' }, rounds: { type: 'string' } },
});
const unknown = positionals.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`No bench named ${unknown.join(', ')}. There are: ${known.join(', ')}.`);
  process.exit(2);
}

const directory = mkdtempSync(join(tmpdir(), 'hotline-bench-'));
try {
  const names = positionals.length > 0 ? positionals : known;
  const codes = [];
  for (const name of names) codes.push(await run(name));
  const results = names.flatMap((name) => read(join(directory, `${name}.json`)));
  if (values.json) writeFileSync(values.json, `${JSON.stringify(results, undefined, 2)}\n`);
  process.exitCode = codes.every((code) => code === 0) ? 0 : 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
}

function run(name) {
  const flags = [
    '--expose-gc',
    '--no-warnings',
    join(here, 'support', 'run-one.js'),
    name,
    join(directory, `${name}.json`),
  ];
  // Without the flags that npm was given, which are the test runner's.
  const env = { ...process.env, NODE_OPTIONS: '', ...(values.rounds && { HOTLINE_BENCH_ROUNDS: values.rounds }) };
  const child = spawn(process.execPath, flags, { stdio: ['ignore', 'inherit', 'inherit'], env });
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}

function read(file) {
  try {
    return [JSON.parse(readFileSync(file, 'utf8'))];
  } catch {
    return [];
  }
}
