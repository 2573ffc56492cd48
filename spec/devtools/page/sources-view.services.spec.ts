import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openWindow, type Window } from '../support/browser.ts';

let on: Window;
beforeAll(async () => (on = await openWindow()));
afterAll(() => on.end());

describe('sources, in a browser', () => {
  it('a source has its state and age', async () => {
    const source = on.page.locator('.source');
    expect(await source.textContent()).toMatch(/secrets\.toml\s+loaded\s+.*(just now|ago), local/);
  });

  it('Reload looks again, and says so', async () => {
    await on.press('Reload');
    await on.page.getByText(/^Looked at every source in \d+ ms\.$/).waitFor();
  });
});
