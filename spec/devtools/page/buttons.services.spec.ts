import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openWindow, type Window } from '../support/browser.ts';

let on: Window;
beforeAll(async () => (on = await openWindow()));
afterAll(() => on.end());

describe('buttons, in a browser', () => {
  it('say what came of it, and how long it took', async () => {
    await on.press('Ping pets');
    await on.page.getByText(/^pets answered in \d+ ms\.$/).waitFor();
    await on.press('Reset pets');
    await on.page.getByText(/^pets was reset in \d+ ms\.$/).waitFor();
  });

  it('ask first: nothing is sent by Cancel, nor by Escape', async () => {
    const posts = () => on.requests.filter((url) => url.includes('/reset?')).length;
    const before = posts();
    const dialog = on.page.getByRole('dialog', { name: 'Reset pets?' });
    await on.page.getByRole('button', { name: 'Reset pets' }).click();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await on.page.getByRole('button', { name: 'Reset pets' }).click();
    await dialog.waitFor();
    await on.page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    expect(posts()).toBe(before);
  });

  it('say why not', async () => {
    await on.press('Ping orders');
    await on.page.locator('[data-id=orders] .said', { hasText: 'open_failed' }).waitFor();
  });

  it('are inside the page of a telephone, all of them', async () => {
    await on.page.setViewportSize({ width: 390, height: 800 });
    for (const button of await on.page.locator('[data-id=pets] .actions button').all())
      expect((await button.boundingBox())!.x).toBeGreaterThan(16);
    await on.page.setViewportSize({ width: 1180, height: 900 });
  });

  it('say when nobody answers', async () => {
    await on.page.route('**/ping?*', (route) => route.abort());
    await on.press('Ping pets');
    await on.page.getByText('The program did not answer.').waitFor();
  });
});
