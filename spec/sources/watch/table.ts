// Prints the scenario table: `node spec/sources/watch/table.ts` on a Node that runs TypeScript, from any copy of the project.
import { fileURLToPath } from 'node:url';
import { otherPaths, scenarios } from './scenarios.ts';
import { mayMount, row, tryOut, type Result } from './trial.ts';

const writer = fileURLToPath(new URL('writer.js', import.meta.url));
const results: Result[] = [];
for (const scenario of [...scenarios, ...otherPaths(await mayMount())]) results.push(await tryOut(scenario, writer));
console.table(results.map(row));
const sum = (count: (result: Result) => number) => results.reduce((total, result) => total + count(result), 0);
const [changes, missed, partial] = [sum((r) => r.changes), sum((r) => r.missed), sum((r) => r.partial)];
console.log(`Node ${process.version}: ${changes} changes, ${missed} missed, ${partial} partial`);
process.exitCode = missed + partial > 0 ? 1 : 0;
