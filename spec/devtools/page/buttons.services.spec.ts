import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
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

  it('ask first: nothing is sent by No, nor by Escape', async () => {
    const posts = () => on.requests.filter((url) => url.includes('/reset?')).length;
    const before = posts();
    const dialog = on.page.getByRole('dialog', { name: 'Reset pets?' });
    await on.page.getByRole('button', { name: 'Reset pets' }).click();
    await dialog.getByRole('button', { name: 'No', exact: true }).click();
    await dialog.waitFor({ state: 'hidden' });
    await on.page.getByRole('button', { name: 'Reset pets' }).click();
    await dialog.waitFor();
    await on.page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    expect(posts()).toBe(before);
  });

  it('cut the leases of an instance, whose holders are told', async () => {
    await on.pets.ping();
    const held = on.pets.use(() => new Promise(() => undefined)).catch((error: unknown) => error);
    const { generation } = await firstValueFrom(on.pets.status$);
    await on.press(`Cut #${generation} of pets`);
    expect(await held).toMatchObject({ code: 'lease_aborted' });
    await on.page.getByText(/^pets has no lease on that instance any more in \d+ ms\.$/).waitFor();
  });

  it('cut what drains, and leave the instance that serves', async () => {
    await on.pets.ping();
    const held = on.pets.use(() => new Promise(() => undefined)).catch((error: unknown) => error);
    const { generation } = await firstValueFrom(on.pets.status$);
    await on.pets.reset();
    await on.pets.ping();
    await on.press(`Cut #${generation} of pets`);
    expect(await held).toMatchObject({ code: 'lease_aborted' });
    await on.page.getByRole('button', { name: `Cut #${generation} of pets` }).waitFor({ state: 'detached' });
    expect(await firstValueFrom(on.pets.status$)).toMatchObject({ state: 'ready', generation: generation + 1 });
  });

  it('stop a stream, whose reader is told', async () => {
    const numbers = 'with recursive n(i) as (select 1 union all select i + 1 from n) select i from n';
    const reader = on.pets.stream(numbers, { batchSize: 10 })[Symbol.asyncIterator]();
    await reader.next();
    await on.page.getByRole('button', { name: /^Stop stream \d+ of pets$/ }).click();
    await on.page.getByRole('dialog', { name: 'Stop a statement of pets?' }).waitFor();
    await on.page.getByRole('button', { name: 'Yes, do it' }).click();
    await on.page.getByText(/^pets has no such statement any more in \d+ ms\.$/).waitFor();
    await expect(
      (async () => {
        for (;;) if ((await reader.next()).done) return;
      })(),
    ).rejects.toMatchObject({ code: 'cancelled' });
    await on.page.getByText('Nothing runs.').waitFor();
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
