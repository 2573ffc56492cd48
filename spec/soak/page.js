// docs/soak.md: what was done to it, and what came of it.
import { machine } from '../bench/support/machine.js';
import { tableOf } from '../bench/support/table.js';
import { allowed } from './verdict.js';

export function pageOf({ minutes, seed, passed, flat, counts, writes, instances, work, trouble }) {
  const rows = (record, what, n) =>
    Object.entries(record)
      .sort()
      .map(([name, value]) => ({ [what]: name, [n]: value }));
  return `# Soak

\`npm run soak\` writes this page; do not edit it by hand. The run below took ${minutes} minutes with seed ${seed}, on ${machine()}.
**It ${passed ? 'passed' : 'FAILED'}.**

A program reads, writes, streams, holds leases and live queries on PostgreSQL, a local Snowflake and SQLite at once, through a registry that keeps twelve entries;
pg, Drizzle and Kysely work over \`pgPool\` beside it. Meanwhile the secrets file is changed, spoilt, emptied and deleted, the databases move, passwords are altered, and the servers and the lines to them fail. All
of it is random, and the same again with the same seed, but for what timing does.

![What the process held over the run](images/soak.svg)

## What must be zero

${tableOf(rows(counts, 'count', 'seen'))}

Each of the ${writes} writes has a number of its own in its row: after the run the databases say how often each is there. A write, a transaction, a
stream or a lease that a fault interrupts may fail, once; it is counted below. One that fails with no fault of its server within two seconds before
is in this table, and so is every read and every live query that fails at all: those are hotline's to try again.
${instances} instances were opened.

## Flat after warming up

${tableOf(flat)}

Sampled once a second, after a collection. The first third is warming up. Of the rest the least in each ten seconds
counts, since work holds more for a moment, and through these a line is laid whose slope is the median of all slopes between two; what it grows by from end to end is at most ${Object.entries(
    allowed,
  )
    .map(([measure, limit]) => `${limit} ${measure}`)
    .join(', ')}. RSS is shown, not judged: the allocator
keeps what it once had.

## What was done

${tableOf(rows(work, 'work', 'times'))}

${tableOf(rows(trouble, 'trouble', 'times'))}
`;
}
