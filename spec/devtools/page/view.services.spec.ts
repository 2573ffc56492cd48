import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openWindow, type Window } from '../support/browser.ts';

let on: Window;
beforeAll(async () => (on = await openWindow()));
afterAll(() => on.end());

describe('a board that is read-only, in a browser', () => {
  it('has no buttons that do anything, and says so', async () => {
    const still = await openWindow({});
    try {
      expect(await still.page.locator('.mode').textContent()).toBe('read-only');
      expect(await still.page.getByRole('button', { name: /ping|reset|reload|forget/i }).count()).toBe(0);
      expect(await still.page.getByRole('button', { name: 'Settings of pets' }).count()).toBe(1);
    } finally {
      await still.end();
    }
  });
});

describe('the frame of the page, in a browser', () => {
  it('says that it is live, and when the program has ended', async () => {
    expect(await on.page.locator('.line').textContent()).toBe('live');
    await on.board.close();
    await on.page.locator('.line', { hasText: 'connection lost' }).waitFor();
  });
});
