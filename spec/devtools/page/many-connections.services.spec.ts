import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openWindow, type Window } from '../support/browser.ts';

/** Names in the secrets that a thousand connections are opened by. */
const many = Array.from({ length: 1000 }, (_, n) => `tenant-${String(n).padStart(4, '0')}`);

let on: Window;
beforeAll(async () => {
  on = await openWindow();
  await Promise.all(many.map((tenant) => on.hot.connection('pets', { params: { application_name: tenant } })));
  await on.hot.connection('orders').catch(() => undefined);
  await on.page.locator('.summary', { hasText: '1001 ready' }).waitFor();
}, 60_000);
afterAll(() => on.end());

describe('a thousand connections, in a browser', () => {
  it('are summed up, and what failed stands first', async () => {
    await on.page.locator('.summary', { hasText: /1 failed\s+1001 ready\s+1002 in all/ }).waitFor();
    await on.page.locator('.connection').first().and(on.page.locator('[data-id=orders]')).waitFor();
  });

  it('are scrolled without a long frame, in a page that is no longer for them', async () => {
    const longest = await on.page.evaluate<number>(`new Promise((done) => {
      const list = document.querySelector('.list');
      let [frames, last, longest] = [0, performance.now(), 0];
      const step = (now) => {
        longest = Math.max(longest, now - last);
        last = now;
        list.scrollTop += 400;
        if (++frames < 60) requestAnimationFrame(step);
        else done(longest);
      };
      requestAnimationFrame(step);
    })`);
    // A machine that draws without a graphics card, and tests beside it.
    expect(longest).toBeLessThan(500);
    expect(await on.page.evaluate('document.documentElement.scrollHeight')).toBeLessThan(4000);
  });

  it('are filtered by a press on the summary, and by the search', async () => {
    await on.page.getByRole('button', { name: '1 failed' }).click();
    await on.page.getByText('1 of 1002 shown').waitFor();
    await on.page.getByRole('button', { name: '1 failed' }).click();
    await on.page.getByLabel('Search connections').fill('order');
    await on.page.locator('.summary', { hasText: '1 of 1002 shown' }).waitFor();
    await on.page.getByLabel('Search connections').fill('');
  });

  it('are sorted and grouped, and a group is closed by the keyboard', async () => {
    await on.page.getByLabel('group by').selectOption('state');
    const group = on.page.locator('.list summary', { hasText: 'ready' });
    await group.focus();
    await on.page.keyboard.press('Enter');
    await on.page.locator('[data-id=pets]').waitFor({ state: 'hidden' });
    await on.page.getByLabel('group by').selectOption('nothing');
    await on.page.getByLabel('sort by').selectOption('name');
    await on.page.locator('.connection').first().and(on.page.locator('[data-id=orders]')).waitFor();
  });
});
