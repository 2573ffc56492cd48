import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openWindow, type Window } from '../support/browser.ts';

let on: Window;
beforeAll(async () => (on = await openWindow()));
afterAll(() => on.end());

const ask = (tag: string) => on.pets.query(`select 'planted-row-${tag}' as one`, { ttl: '10m', tags: [tag] });

describe('the cache, in a browser', () => {
  it('shows statements without values, tags, hits, age and rows; no row is in it', async () => {
    await ask('dogs');
    await ask('dogs');
    await ask('cats');
    await on.page.getByRole('button', { name: 'Cache of pets' }).click();
    const cache = on.page.getByRole('region', { name: 'Cached results of pets' });
    await cache.getByText('1 hits, 2 misses: 33 % from the cache.').waitFor();
    const first = cache.locator('tbody tr').first();
    expect((await first.locator('td').allTextContents()).map((text) => text.trim())).toEqual([
      'select ? as one',
      'dogs',
      '1',
      expect.stringMatching(/^\d+ s$/),
      '1',
    ]);
    expect(await on.page.content()).not.toContain('planted-row');
  });

  it('follows what is asked while it is open', async () => {
    await ask('cats');
    await on.page.getByText('2 hits, 2 misses: 50 % from the cache.').waitFor();
  });

  it('forgets the results with a tag, when that is meant', async () => {
    await on.page.getByRole('button', { name: 'Forget the results of pets with the tag dogs' }).click();
    await on.page.getByRole('dialog', { name: 'Forget the cached results of pets with the tag dogs?' }).waitFor();
    await on.page.getByRole('button', { name: 'Yes, do it' }).click();
    await on.page.getByText('1 result,').waitFor();
    expect((await on.pets.cached()).results).toMatchObject([{ tags: ['cats'] }]);
  });

  it('is wide or narrow without a bar to scroll the page by', async () => {
    await on.page.setViewportSize({ width: 360, height: 800 });
    expect(await on.page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    expect(on.complaints).toEqual([]);
  });
});
