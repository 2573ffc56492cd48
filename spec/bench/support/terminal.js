import { targetRows, tableOf } from './table.js';

export function printTable(title, rows) {
  if (rows.length > 0) console.log(`\n${title}\n\n${tableOf(rows)}`);
}

/** What one bench came to, after its tables were shown. */
export function printOutcome({ bench, targets, notes, error }) {
  printTable('Targets', targetRows(targets));
  for (const note of notes) console.log(`\n${note}`);
  if (error) console.log(`\n${bench}: ended before its time: ${error}`);
}

/** What all of them came to. */
export function printSummary(results) {
  const rows = results.map(({ bench, targets, error, seconds }) => ({
    bench,
    seconds: Math.round(seconds),
    'targets met': `${targets.filter(({ met }) => met).length} of ${targets.length}`,
    'counts not zero': targets.filter(({ met, limit }) => !met && limit === 0).length,
    ended: error ? 'before its time' : 'by itself',
  }));
  printTable('All benches', rows);
  for (const { bench, targets } of results)
    for (const { met, what } of targets) if (!met) console.log(`missed in ${bench}: ${what}`);
}
