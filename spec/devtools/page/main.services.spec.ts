import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openWindow, plantedPassword, type Window } from '../support/browser.ts';

let on: Window;
beforeAll(async () => (on = await openWindow()));
afterAll(() => on.end());

describe('the page, in a browser', () => {
  it('a rotation by an edit of the file is there within a second, without a reload of the page', async () => {
    await on.page.evaluate('window.loadedOnce = true');
    await on.save(2);
    await on.page.locator('[data-id=pets] .figures dd').first().filter({ hasText: '2' }).waitFor({ timeout: 1000 });
    await on.page.locator('.events li', { hasText: 'instance.ready' }).first().waitFor({ timeout: 1000 });
    expect(await on.page.evaluate('window.loadedOnce')).toBe(true);
  });

  it('the token is not in the address, and asks nobody but its own server', () => {
    expect(on.page.url()).toBe(new URL('/', on.board.url).href);
    const { origin } = new URL(on.board.url);
    expect(on.requests.filter((url) => new URL(url).origin !== origin)).toEqual([]);
  });

  it('a second browser is not let in by the same link', async () => {
    const other = await on.browser.newContext();
    const page = await other.newPage();
    expect((await page.goto(on.board.url))?.status()).toBe(401);
    expect((await page.goto(on.board.link()))?.status()).toBe(200);
    await other.close();
  });

  it('a wrong token, and a name that only leads here, are refused', async () => {
    const other = await on.browser.newContext();
    const page = await other.newPage();
    const { origin, port, search } = new URL(on.board.link());
    expect((await page.goto(`${origin}/?token=wrong`))?.status()).toBe(401);
    expect((await page.goto(`http://evil.example:${port}/${search}`))?.status()).toBe(421);
    expect(await page.textContent('body')).toContain('does not answer to this host');
    await other.close();
  });

  it('a page of another origin can neither read, act nor embed', async () => {
    const page = await on.context.newPage();
    // Another port of the same host: the browser sends the cookie along.
    const { createServer } = await import('node:http');
    const foreign = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<p>foreign'));
    await new Promise<void>((resolve) => void foreign.listen(0, '127.0.0.1', resolve));
    await page.goto(`http://127.0.0.1:${(foreign.address() as { port: number }).port}/`);
    const { origin } = new URL(on.board.url);
    const before = await on.page.locator('.events li').count();
    const tried = await page.evaluate(`Promise.all([
      fetch('${origin}/config?id=pets', { credentials: 'include' }).then(() => 'read', () => 'refused'),
      fetch('${origin}/reset?id=pets', { method: 'POST', mode: 'no-cors', credentials: 'include' }).then(() => 'sent', () => 'refused'),
      new Promise((done) => {
        const script = document.createElement('script');
        script.onload = () => done('loaded');
        script.onerror = () => done('refused');
        script.src = '${origin}/main.js';
        document.body.append(script);
      }),
    ])`);
    expect(tried).toEqual(['refused', expect.stringMatching(/refused|sent/), 'refused']);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await on.page.locator('.events li').count()).toBe(before);
    await page.close();
    foreign.close();
    foreign.closeAllConnections();
  });

  it.each(['light', 'dark'] as const)('axe finds nothing to object to in %s, wide and narrow', async (colorScheme) => {
    const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    await on.page.emulateMedia({ colorScheme });
    for (const width of [1180, 360]) {
      await on.page.setViewportSize({ width, height: 800 });
      await on.page.evaluate(axe);
      const { violations, passes } =
        await on.page.evaluate<Record<'violations' | 'passes', { id: string }[]>>('axe.run()');
      expect(violations.map(({ id }) => id)).toEqual([]);
      expect(passes.length).toBeGreaterThan(15);
      expect(await on.page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    }
    await on.page.setViewportSize({ width: 1180, height: 900 });
  });

  it('no secret is in the page', async () => {
    await on.press('Ping orders');
    await on.page.locator('[data-id=orders] .error').waitFor();
    await on.page.getByRole('button', { name: 'Settings of orders' }).click();
    await on.page.locator('[data-id=orders] .config').waitFor();
    const html = await on.page.content();
    expect(html).toContain('[redacted]');
    expect(html).not.toContain(plantedPassword);
  });

  it('nothing was complained of: no script, style or request that the policy refuses', () => {
    expect(on.complaints).toEqual([]);
  });
});
