import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openWindow, type Window } from '../support/browser.ts';

let on: Window;
beforeAll(async () => (on = await openWindow()));
afterAll(() => on.end());

describe('what runs, in a browser', () => {
  it('is listed with its text, without the values in it, and says what holds an instance that drains', async () => {
    const sql =
      "with recursive n(i) as (select 1 union all select i + 1 from n) select i from n where i <> 'planted-value'";
    const reader = on.pets.stream(sql, { batchSize: 10 })[Symbol.asyncIterator]();
    await reader.next();
    const row = on.page.locator('.running li');
    await row.filter({ hasText: /\d+ rows, \d+ a second/ }).waitFor();
    expect(await row.textContent()).toMatch(/pets\s+#1\s+stream/);
    await on.save(2);
    await on.page.locator('[data-id=pets] dd', { hasText: /#1: 1 lease \(stream for \d+ s\)/ }).waitFor();
    expect(await on.page.content()).not.toContain('planted-value');
    await reader.return?.();
    await on.page.getByText('Nothing runs.').waitFor();
  });

  it('is counted, with a line of the last minutes', async () => {
    for (let n = 0; n < 40; n++) await on.pets.query('select 1');
    const figures = on.page.locator('[data-id=pets] .figures');
    await figures.getByText(/^[\d.]+ ms, [\d.]+ ms$/).waitFor();
    await figures.locator('.spark polyline[points*=","]').waitFor();
    expect(await figures.textContent()).toContain('a second');
  });
});
