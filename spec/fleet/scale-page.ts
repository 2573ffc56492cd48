import { runFleet, type Outcome, type Scenario } from './fleet.ts';

/**
 * Prints the tables of `docs/scale.md`: `npm run fleet`. `HOTLINE_PROCESSES=10000` runs so many where the default is a thousand,
 * which takes hours where a database is away.
 */
const processes = Number(process.env['HOTLINE_PROCESSES'] ?? 1000);
/** The cores go with the processes: what is told is per database of 32 cores and ten thousand processes. */
const scale = 10_000 / processes;
const capacity = (pool: number, room = 1.2) => ({
  loginCost: 5,
  cores: 32 / scale,
  maxConnections: Math.round(processes * pool * room),
});

const number = (value: number): string => Math.round(value).toLocaleString('en');

function row(cells: readonly string[], { peakLogins, refused, failedCalls, converged }: Outcome): void {
  const told = [peakLogins * scale, refused * scale, failedCalls * scale].map(number);
  console.log(`| ${[...cells, ...told, Number.isFinite(converged) ? converged.toFixed(1) : 'over 300'].join(' | ')} |`);
}

function table(event: Scenario['event'], pools: readonly number[], spreads: readonly number[]): void {
  console.log(
    `\n${event}\n\n| pool | spread (s) | most logins in a second | refused logins | failed calls | converged (s) |`,
  );
  console.log('| ---: | ---: | ---: | ---: | ---: | ---: |');
  for (const pool of pools)
    for (const spread of spreads) {
      const outcome = runFleet({ processes, pool, spread: spread * 1000, event, capacity: capacity(pool) });
      row([String(pool), String(spread)], outcome);
    }
}

export function printScale(): void {
  table('secret-first', [5, 20, 50], [0, 2, 10, 30, 60]);
  table('altered-first', [5, 20, 50], [0, 10, 60]);
  table('failover', [5, 50], [0]);
}
