import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openWindow, type Window } from '../support/browser.ts';

let on: Window;
beforeAll(async () => (on = await openWindow()));
afterAll(() => on.end());

const row = (id: string) => on.page.locator(`[data-id=${id}]`);
const generation = () => row('pets').locator('.figures dd').first().textContent();

describe('connections, in a browser', () => {
  it('Ping opens what nobody has asked for, and shows why it cannot be opened', async () => {
    expect(await row('orders').textContent()).toContain('Nobody has asked for it.');
    await on.press('Ping orders');
    await row('orders').locator('.state.failed').waitFor();
    expect(await row('orders').locator('.error').textContent()).toContain('open_failed');
  });

  it('Reset replaces the instance, by the keyboard too', async () => {
    const interest = on.hot.connection$('pets').subscribe();
    const before = Number(await generation());
    await on.page.getByRole('button', { name: 'Reset pets' }).focus();
    await on.page.keyboard.press('Enter');
    await on.page.getByRole('dialog').waitFor();
    await on.page.keyboard.press('Tab');
    await on.page.keyboard.press('Enter');
    await row('pets')
      .locator('.figures dd')
      .first()
      .filter({ hasText: String(before + 1) })
      .waitFor();
    interest.unsubscribe();
  });

  it('leases and the pool are those of now', async () => {
    let release = (): void => undefined;
    const work = on.pets.use(() => new Promise<void>((resolve) => (release = resolve)));
    await row('pets')
      .locator('.figures div', { hasText: 'leases' })
      .getByText('1', { exact: true })
      .waitFor({ timeout: 3000 });
    release();
    await work;
    await row('pets')
      .locator('.figures div', { hasText: 'leases' })
      .getByText('0', { exact: true })
      .waitFor({ timeout: 3000 });
  });

  it('every control is reached by Tab, in the order of the page', async () => {
    await on.page.evaluate('document.activeElement.blur()');
    const reached: string[] = [];
    for (let presses = 0; presses < 28; presses++) {
      await on.page.keyboard.press('Tab');
      reached.push(
        await on.page.evaluate<string>(
          `document.activeElement.ariaLabel ?? document.activeElement.textContent.trim().slice(0, 12)`,
        ),
      );
    }
    expect(reached).toEqual(
      expect.arrayContaining(['Ping pets', 'Reset pets', 'Settings of pets', 'Ping orders', 'Reload']),
    );
  });
});
