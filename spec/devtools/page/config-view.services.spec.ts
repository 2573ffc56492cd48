import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openWindow, type Window } from '../support/browser.ts';

let on: Window;
beforeAll(async () => (on = await openWindow()));
afterAll(() => on.end());

describe('settings, in a browser', () => {
  it('each is shown with its origin; what is not public is redacted', async () => {
    const button = on.page.getByRole('button', { name: 'Settings of pets' });
    await button.click();
    const settings = on.page.locator('[data-id=pets] .config');
    await settings.getByText('knex.pool.max').waitFor();
    expect(await settings.textContent()).toMatch(/url\s+sqlite:\S+\s+.*secrets\.toml/);
    expect(await button.getAttribute('aria-expanded')).toBe('true');
  });

  it('they follow the file while they are open', async () => {
    const dialect = on.page.locator('[data-id=pets] .config dt', { hasText: 'debug' });
    expect(await dialect.count()).toBe(0);
    await on.save(2, 'knex.debug = false');
    await dialect.waitFor();
  });

  it('they are closed again', async () => {
    await on.page.getByRole('button', { name: 'Settings of pets' }).click();
    await on.page.locator('[data-id=pets] .config').waitFor({ state: 'detached' });
  });
});
