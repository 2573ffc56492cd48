import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openWindow, type Window } from '../support/browser.ts';

let on: Window;
beforeAll(async () => (on = await openWindow()));
afterAll(() => on.end());

describe('the frame of the page, in a browser', () => {
  it('says that it is live, and when the program has ended', async () => {
    expect(await on.page.locator('.line').textContent()).toBe('live');
    await on.board.close();
    await on.page.locator('.line', { hasText: 'connection lost' }).waitFor();
  });
});
