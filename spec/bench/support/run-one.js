// One bench in this process: measures, prints, and ends non-zero when a count or a target is missed.
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { createLab } from './lab.js';

const [name, file] = process.argv.slice(2);
const { default: bench } = await import(`../${name}.bench.js`);

console.log(`\n# ${name}: node ${process.version}, ${process.platform} ${process.arch}, ${cpus().length} cpus`);
const lab = createLab();
await bench(lab);

const result = { bench: name, node: process.version, platform: `${process.platform} ${process.arch}`, ...lab.result() };
if (file) writeFileSync(file, JSON.stringify(result));
console.log(result.missed.length === 0 ? `\n${name}: all met` : `\n${name}: missed\n  ${result.missed.join('\n  ')}`);
process.exit(result.missed.length === 0 ? 0 : 1);
