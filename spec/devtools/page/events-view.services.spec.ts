import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openWindow, type Window } from '../support/browser.ts';

let on: Window;
beforeAll(async () => (on = await openWindow()));
afterAll(() => on.end());

describe('events, in a browser', () => {
  it('what happens is told, the latest first', async () => {
    await on.save(3);
    await on.page.locator('.events li', { hasText: 'instance.closed' }).waitFor();
    const types = await on.page.locator('.events .type').allTextContents();
    expect(types.indexOf('instance.closed')).toBeLessThan(types.indexOf('instance.ready'));
  });

  it('the list can be scrolled by the keyboard', async () => {
    const list = on.page.getByRole('list', { name: 'Events' });
    await list.focus();
    expect(await list.evaluate((element) => (element as { tabIndex: number }).tabIndex)).toBe(0);
  });
});
