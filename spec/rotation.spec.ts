import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { depth } from './support/depth.ts';
import { hotline, openPostgres, run, scenarios, type Ground } from './support/rotation/index.ts';

/** On real PostgreSQL; `npm run bench -- rotate` shows the same on MariaDB and SQLite too, with the façades and four others beside it. */
describe('a change under load: 24 workers, a pool of 8, a long transaction open', () => {
  let ground: Ground;
  beforeAll(async () => {
    ground = await openPostgres();
  }, 60_000);
  afterAll(() => ground.close(), 60_000);

  it.each(depth(scenarios.slice(0, 2), scenarios))(
    '$name: no query fails, none goes to the old target afterwards, nothing is left open',
    async (scenario) => {
      const outcome = await run(scenario, hotline, ground);
      expect(outcome).toMatchObject({ failed: 0, misplaced: 0, leaked: 0 });
      expect(outcome.firstError).toBeUndefined();
      expect(outcome.queries).toBeGreaterThan(100);
    },
    60_000,
  );
});
