// One bench in this process: measures, prints, and hands its figures over in a file. Ends non-zero when something is missed.
import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { createLab } from './lab.js';
import { machine, versionsOf } from './machine.js';
import { printOutcome } from './terminal.js';

const [name, file, rounds] = process.argv.slice(2);
const longest = 10 * 60_000;
const began = performance.now();
const [load] = loadavg();
console.log(`\n# ${name}`);

const lab = createLab({ rounds: rounds ? Number(rounds) : undefined });
let about = {};
let error;
try {
  const bench = await import(`../${name}.bench.js`);
  about = bench.about ?? {};
  await Promise.race([bench.default(lab), tooLong()]);
} catch (reason) {
  console.error(reason);
  error = String(reason?.message ?? reason).split('\n')[0];
}

/** So that one that hangs is reported with what it has measured, and what it started is reaped on the way out. */
function tooLong() {
  const after = (_, reject) => setTimeout(() => reject(new Error(`it took over ${longest / 60_000} minutes`)), longest);
  return new Promise(after);
}

const seconds = (performance.now() - began) / 1000;
const { question = '', peers = [] } = about;
const taken = { at: new Date().toISOString(), seconds, load, machine: machine(), versions: versionsOf(peers) };
const result = { bench: name, question, ...taken, ...lab.result(), error };
writeFileSync(file, JSON.stringify(result));
printOutcome(result);
// A bench that threw may have left something open.
process.exit(error === undefined && result.targets.every(({ met }) => met) ? 0 : 1);
