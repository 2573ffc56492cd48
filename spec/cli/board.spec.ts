import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { makeProject, type Project } from './support/project.ts';
import { deepIt } from '../support/depth.ts';

let project: Project;
beforeEach(async () => {
  project = await makeProject(
    '[connections.pets]\ntype = "sql"\nurl = "sqlite::memory:"\npassword = "planted-secret-1"\n',
  );
});
afterEach(() => project.remove());

it('serves the board at the address that it prints, until Ctrl-C', async () => {
  const terminal = project.terminal(['board'], { env: { NO_COLOR: '1' } });
  await terminal.shows(/Ctrl-C ends it/);
  const url = /http:\/\/127\.0\.0\.1:\d+\/\S*/.exec(terminal.output)?.[0] ?? '';
  expect((await fetch(new URL('/', url), { redirect: 'manual' })).status).toBeGreaterThanOrEqual(400);
  const answer = await fetch(url, { redirect: 'manual' });
  expect(answer.status).toBe(303);
  const cookie = answer.headers.getSetCookie()[0]!.split(';')[0]!;
  const page = await fetch(new URL('/', url), { headers: { cookie } });
  expect(page.status).toBe(200);
  expect((await page.text()) + terminal.output).not.toContain('planted');
  terminal.type('\u0003');
  const { code, after } = await terminal.ended;
  expect(code).toBe(130);
  expect(after).toBeLessThan(1500);
  await expect(fetch(url)).rejects.toThrow('fetch failed');
});

deepIt('refuses what is no port', async () => {
  expect(await project.piped(['board', '--port', '99999'])).toMatchObject({ code: 2, stdout: '' });
});

deepIt('says why it cannot listen', async () => {
  const first = project.terminal(['board']);
  await first.shows(/Ctrl-C ends it/);
  const port = /127\.0\.0\.1:(\d+)/.exec(first.output)?.[1] ?? '';
  const second = await project.piped(['board', '--port', port]);
  expect(second).toMatchObject({ code: 1, stdout: '' });
  expect(second.stderr).toContain('EADDRINUSE');
  expect(second.stderr).not.toContain('    at ');
  first.type('\u0003');
  await first.ended;
});

it.each([
  [[], 403],
  [['--actions'], 200],
] as const)('only shows, unless actions are permitted: %j', async (options, expected) => {
  const terminal = project.terminal(['board', ...options], { env: { NO_COLOR: '1' } });
  await terminal.shows(/Ctrl-C ends it/);
  const url = /http:\/\/127\.0\.0\.1:\d+\/\S*/.exec(terminal.output)?.[0] ?? '';
  const answer = await fetch(url, { redirect: 'manual' });
  const cookie = answer.headers.getSetCookie()[0]!.split(';')[0]!;
  const { origin } = new URL(url);
  const posted = await fetch(new URL('/reload', url), { method: 'POST', headers: { cookie, origin } });
  expect(posted.status).toBe(expected);
  terminal.type('\u0003');
  await terminal.ended;
});
