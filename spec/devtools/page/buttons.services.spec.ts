import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { openWindow, type Window } from '../support/browser.ts';

let on: Window;
beforeAll(async () => (on = await openWindow()));
afterAll(() => on.end());

describe('buttons, in a browser', () => {
  it('say what came of it, and how long it took', async () => {
    await on.page.getByRole('button', { name: 'Ping pets' }).click();
    await on.page.getByText(/^pets answered in \d+ ms\.$/).waitFor();
    await on.page.getByRole('button', { name: 'Reset pets' }).click();
    await on.page.getByText(/^pets was reset in \d+ ms\.$/).waitFor();
  });

  it('say why not', async () => {
    await on.page.getByRole('button', { name: 'Ping orders' }).click();
    await on.page.locator('[data-id=orders] .said', { hasText: 'open_failed' }).waitFor();
  });

  it('say when nobody answers', async () => {
    await on.page.route('**/ping?*', (route) => route.abort());
    await on.page.getByRole('button', { name: 'Ping pets' }).click();
    await on.page.getByText('The program did not answer.').waitFor();
  });
});
