import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { extname, join, resolve, sep } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chromium, type Browser, type Page } from 'playwright-core';

const site = resolve('.cache/site');
const types: Record<string, string> = {
  '.html': 'text/html',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
};

/** The site as `npm run docs:site` builds it, which fails by itself where a link leads nowhere. */
describe('the site, in a browser', () => {
  let server: Server;
  let browser: Browser;
  let page: Page;
  let pages: readonly string[];
  const missing: string[] = [];

  beforeAll(async () => {
    await promisify(execFile)('npm', ['run', '--silent', 'docs:site'], { maxBuffer: 2 ** 26 });
    const files = new Set(
      readdirSync(site, { recursive: true, encoding: 'utf8' }).map((name) => name.split(sep).join('/')),
    );
    pages = [...files].filter((name) => name.endsWith('.html') && name !== '404.html');
    server = createServer(({ url = '/' }, response) => {
      const name = decodeURIComponent(new URL(url, 'http://site').pathname).slice(1) || 'index.html';
      const file = [name, `${name}.html`, `${name}index.html`].find((one) => files.has(one) && extname(one));
      if (!file) {
        missing.push(name);
        return response.writeHead(404).end();
      }
      response
        .setHeader('content-type', types[extname(file)] ?? 'application/octet-stream')
        .end(readFileSync(join(site, file)));
    });
    await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
    browser = await chromium.launch({
      executablePath: process.env['HOTLINE_TEST_CHROMIUM'] ?? '/usr/bin/chromium',
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    });
    page = await browser.newPage();
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    server?.close();
    server?.closeAllConnections();
  });

  const open = (name: string) =>
    page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${name}`, { waitUntil: 'load' });

  it('has pages that are no wider than a telephone, a tablet and a screen', async () => {
    const wide: string[] = [];
    for (const name of pages) {
      await open(name);
      // Those of the reference are printed alike.
      for (const width of name.startsWith('reference/') ? [360] : [360, 820, 1280]) {
        await page.setViewportSize({ width, height: 800 });
        const found = await page.evaluate<number>('document.documentElement.scrollWidth');
        if (found > width) wide.push(`${name}: ${found} of ${width}`);
      }
    }
    expect(pages.length).toBeGreaterThan(100);
    expect(wide).toEqual([]);
  }, 300_000);

  it('lacks no file that a page asks for', () => {
    expect(missing).toEqual([]);
  });

  it('has guides to whose text axe objects in nothing', async () => {
    const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    const found: string[] = [];
    for (const name of pages.filter((one) => !one.startsWith('reference/'))) {
      await open(name);
      await page.evaluate(axe);
      const { violations } = await page.evaluate<{ violations: { id: string }[] }>(`axe.run('.vp-doc')`);
      found.push(...violations.map(({ id }) => `${name}: ${id}`));
    }
    expect(found).toEqual([]);
  }, 300_000);
});
