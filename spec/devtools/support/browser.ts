import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import type { ConnectionRegistry, SqlConnection } from 'hotline';
import type { BoardOptions, ServedBoard } from 'hotline/devtools';

/** The page is compiled: what is looked at is the package as it was built. */
const built = <T>(door: string): Promise<T> => import(pathToFileURL(resolve('dist', door)).href) as Promise<T>;

/** A board over real SQLite files and a secrets file, in a real browser. */
export interface Window {
  readonly hot: ConnectionRegistry;
  readonly pets: SqlConnection;
  readonly board: ServedBoard;
  readonly browser: Browser;
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the browser complained of, and what it asked for. */
  readonly complaints: readonly string[];
  readonly requests: readonly string[];
  /** Presses a button of the page, and says yes to its question. */
  press(name: string): Promise<void>;
  /** Saves the secrets file: `pets` gets another pool, and more settings. */
  save(poolSize: number, more?: string): Promise<void>;
  end(): Promise<void>;
}

export const plantedPassword = 'planted-browser-secret';

export async function openWindow(options: BoardOptions = { actions: true }): Promise<Window> {
  const { createConnections, tomlFile } = await built<typeof import('hotline')>('index.js');
  const { serveBoard } = await built<typeof import('hotline/devtools')>('devtools/index.js');
  const folder = await mkdtemp(join(tmpdir(), 'hotline-board-'));
  const file = join(folder, 'secrets.toml');
  const save: Window['save'] = (poolSize, more = '') =>
    writeFile(file, secretsToml(folder, poolSize, more), { mode: 0o600 });
  await save(1);
  const hot = createConnections({ sources: [tomlFile(file)] });
  const board = await serveBoard(hot, options);
  const pets = await hot.connection('pets', { type: 'sql' });
  const browser = await chromium.launch({
    executablePath: process.env['HOTLINE_TEST_CHROMIUM'] ?? '/usr/bin/chromium',
    // Somebody's name that leads here, as in DNS rebinding.
    args: ['--host-resolver-rules=MAP evil.example 127.0.0.1', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  });
  const context = await browser.newContext({ viewport: { width: 1180, height: 900 } });
  const page = await context.newPage();
  const [complaints, requests]: [string[], string[]] = [[], []];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(board.url);
  await page.locator('[data-id=pets] .state').waitFor();
  return {
    ...{ hot, pets, board, browser, context, page, complaints, requests, save },
    async press(name) {
      await page.getByRole('button', { name, exact: true }).click();
      await page.getByRole('button', { name: 'Yes, do it' }).click();
    },
    async end() {
      await browser.close();
      await board.close();
      await hot.close({ timeout: 1000 });
      await rm(folder, { recursive: true });
    },
  };
}

function secretsToml(folder: string, poolSize: number, more: string): string {
  return `
[connections.pets]
type = "sql"
url = "sqlite:///${join(folder, 'pets.db')}"
knex.pool.max = ${poolSize}
${more}

[connections.orders]
type = "sql"
dialect = "postgres"
host = "127.0.0.1"
port = 1
username = "app"
password = "${plantedPassword}"
`;
}
