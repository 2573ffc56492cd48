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

  it('the last change is told by the names of its keys, and how the connection is kept by origin', async () => {
    await on.save(2, 'knex.debug = false\ndrain_timeout = "1500ms"');
    const pets = on.page.locator('[data-id=pets]');
    await pets.locator('.changed', { hasText: /^Changed at \d\d:\d\d:\d\d: knex\.pool\.max, knex\.debug$/ }).waitFor();
    const policies = pets.locator('.policies');
    await policies.getByText('1500 ms').waitFor();
    expect(await policies.textContent()).toMatch(
      /idleTimeout\s+Infinity\s+default\s.*drainTimeout\s+1500 ms\s+\S*secrets\.toml/s,
    );
  });

  it('they are closed again', async () => {
    await on.page.getByRole('button', { name: 'Settings of pets' }).click();
    await on.page.locator('[data-id=pets] .config').waitFor({ state: 'detached' });
  });
});
