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

  it('those that match a filter are shown, and copied as lines of text', async () => {
    await on.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await on.page.getByLabel('Filter events').fill('closed');
    await on.page.locator('.events li', { hasText: 'instance.ready' }).first().waitFor({ state: 'detached' });
    await on.page.locator('section', { hasText: 'Events' }).getByRole('button', { name: 'Copy' }).last().click();
    const lines = (await on.page.evaluate<string>('navigator.clipboard.readText()')).trimEnd().split('\n');
    expect(lines).not.toHaveLength(0);
    for (const line of lines) expect(line).toMatch(/^\d{4}-\S+Z {2}instance\.closed {2}pets #\d/);
    await on.page.getByLabel('Filter events').fill('');
  });

  it('an error is told with its cure; its code leads to what it means', async () => {
    await on.press('Ping orders');
    const row = on.page.locator('[data-id=orders] .error');
    await row.locator('.cure').waitFor();
    const opened = on.context.waitForEvent('page');
    await row.getByRole('link', { name: 'open_failed' }).click();
    const errors = await opened;
    await errors.locator('#open_failed h2').waitFor();
    expect(errors.url()).toMatch(/errors\.html#open_failed$/);
    expect(await errors.locator('section').count()).toBeGreaterThan(50);
    await errors.close();
  });

  it('the list can be scrolled by the keyboard', async () => {
    const list = on.page.getByRole('list', { name: 'Events' });
    await list.focus();
    expect(await list.evaluate((element) => (element as { tabIndex: number }).tabIndex)).toBe(0);
  });
});
