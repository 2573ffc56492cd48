import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openWindow, plantedPassword, type Window } from '../support/browser.ts';

let on: Window;
beforeAll(async () => (on = await openWindow()));
afterAll(() => on.end());

const edges = async (selector: string): Promise<{ left: number; right: number; top: number }> => {
  const { x, y, width } = (await on.page.locator(selector).boundingBox())!;
  return { left: x, right: x + width, top: y };
};

describe('the time line, in a browser', () => {
  it('draws a rotation as two bars that overlap: the old one drains while the new one serves', async () => {
    await on.page.getByLabel('last').selectOption('1');
    let release = (): void => undefined;
    const work = on.pets.use(() => new Promise<void>((resolve) => (release = resolve)));
    await on.save(2);
    await on.page.locator('.bar[data-key^="pets 1"] .draining').waitFor();
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const draining = await edges('.bar[data-key^="pets 1"] .draining');
    const serving = await edges('.bar[data-key^="pets 2"] .serving');
    expect(serving.left).toBeLessThan(draining.right - 5);
    expect(serving.top).toBeGreaterThan(draining.top);
    release();
    await work;
  });

  it('is one stop of the Tab key; arrows go from bar to bar, and the life of each is told', async () => {
    const bars = on.page.locator('.bar');
    expect(await on.page.locator('.bar[tabindex="0"]').count()).toBe(1);
    await on.page.locator('.bar[tabindex="0"]').focus();
    await on.page.keyboard.press('Home');
    await on.page.locator('.caption', { hasText: 'pets, instance 1: opening' }).waitFor();
    await on.page.keyboard.press('ArrowRight');
    await on.page.locator('.caption', { hasText: 'pets, instance 2' }).waitFor();
    expect(await bars.nth(1).getAttribute('aria-label')).toMatch(/^pets, instance 2: opening .* ready /);
    expect(await on.page.evaluate('document.activeElement.dataset.key')).toMatch(/^pets 2/);
  });
});

describe('a page that stands still, in a browser', () => {
  it('shows what it showed, and goes on with what is now', async () => {
    const pause = (pressed: boolean) => on.page.getByRole('button', { name: 'Pause', pressed });
    const events = on.page.locator('.events li');
    await pause(false).click();
    await pause(true).waitFor();
    const before = await events.count();
    await on.pets.reset();
    await on.hot.connection('pets');
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(await events.count()).toBe(before);
    await pause(true).click();
    await events.nth(before).waitFor();
  });

  it('is saved as JSON, without a secret', async () => {
    const saved = on.page.waitForEvent('download');
    await on.page.getByRole('button', { name: 'Export' }).click();
    const download = await saved;
    expect(download.suggestedFilename()).toBe('hotline-board.json');
    const text = await readFile(await download.path(), 'utf8');
    expect(JSON.parse(text)).toMatchObject({ connections: [{ id: 'pets' }], spans: expect.any(Array) });
    expect(text).not.toContain(plantedPassword);
  });
});
