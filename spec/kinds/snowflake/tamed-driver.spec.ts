import { createRequire } from 'node:module';
import { afterAll, expect, it } from '@jest/globals';
import { loadDriver } from '../../../src/kinds/snowflake/driver.ts';
import { openSnowflake, sandbox } from '../../support/snowflake-world.ts';

const sandboxed = sandbox();
afterAll(() => sandboxed.restore());

it('the requests of the driver that is installed can be reached; should this fail, a call is stopped without them', async () => {
  const { traffic } = await loadDriver();
  expect(traffic.reached).toBe(true);
  const { version } = createRequire(import.meta.url)('snowflake-sdk/package.json') as { version: string };
  expect(version).toMatch(/^3\./);
});

it('a cell that is no JSON is text, and is not run', async () => {
  const world = await openSnowflake();
  try {
    const wh = await world.wh();
    for (const cell of ['process.exit(1)', '(globalThis.pwned = true)', '{"a": undefined1}', '<a>1</a>', '{"a":1}']) {
      world.server.inject({ path: '/queries/v1/query-request', edit: ({ data }) => (data['rowset'] = [[cell]]) });
      const [row] = await wh.query<{ V: unknown }>(`select '{}'::variant as v`);
      expect(row!.V).toEqual(cell === '{"a":1}' ? { a: 1 } : cell);
    }
    expect('pwned' in globalThis).toBe(false);
  } finally {
    await world.close();
  }
});
