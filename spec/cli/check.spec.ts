import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createConnections, inline } from 'hotline';
import { memoryKind } from 'hotline/testing';
import { checkConnection, Spinners } from '../../src/cli/check.ts';
import { findConnections } from '../../src/cli/connections.ts';
import { hasEscapes, makeProject, readable, type Project } from './support/project.ts';
import { screen } from './support/screen.ts';
import { deepIt } from '../support/depth.ts';

let project: Project;
beforeEach(async () => {
  project = await makeProject(`
[connections.pets]
type = "sql"
url = "sqlite::memory:"
[connections.refused]
type = "sql"
url = "postgresql://ann:planted-secret-1@127.0.0.1:1/pets"
[connections.nowhere]
type = "sql"
dialect = "postgresql"
host = "nowhere.invalid"
username = "ann"
password = "planted-secret-2"
[connections.driverless]
type = "sql"
url = "mssql://ann:planted-secret-3@127.0.0.1/pets"
`);
});
afterEach(() => project.remove());

describe('hotline check', () => {
  it('says of each how it went, how long it took, and what to do', async () => {
    const { code, stdout, stderr } = await project.piped(['check']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toMatch(/^✓ pets {8}SqlConnection {2}opened in [\d.]+ m?s, ping [\d.]+ m?s$/m);
    expect(stdout).toMatch(/^✗ refused {5}SqlConnection {2}open_failed after [\d.]+ m?s$/m);
    expect(stdout).toMatch(
      /ECONNREFUSED 127\.0\.0\.1:1\. The settings are from .*secrets\.toml\.\n {2}→ Nothing listens there\. Start the server/,
    );
    expect(stdout).toMatch(/nowhere\.invalid\. .*\n {2}→ (There is no host of that name|The name of the host)/);
    expect(stdout).toMatch(/ {2}mssql needs the package tedious, which is not installed: npm install tedious$/m);
    expect(stdout).not.toMatch(/planted|\u001b/);
  });

  deepIt('has them in the order of the file, however long each takes', async () => {
    const { createServer } = await import('node:net');
    const slow = createServer((socket) => void setTimeout(() => socket.destroy(), 700)).listen(0, '127.0.0.1');
    await new Promise((done) => slow.once('listening', done));
    const { port } = slow.address() as { port: number };
    const url = (at: number): string => `url = "postgresql://a:b@127.0.0.1:${at}/c"`;
    const file = ['first', url(port), 'second', url(1), 'third', 'url = "sqlite::memory:"'];
    const sections = [0, 2, 4].map((at) => `[connections.${file[at]}]\ntype = "sql"\n${file[at + 1]}\n`);
    await project.write('slow.toml', sections.join(''));
    const { stdout } = await project.piped(['check', '--secrets', 'slow.toml']);
    slow.close();
    expect([...stdout.matchAll(/^[✓✗] (\w+)/gm)].map(([, name]) => name)).toEqual(['first', 'second', 'third']);
  });

  deepIt('is content when those that are named answer', async () => {
    expect(await project.piped(['check', 'pets'])).toMatchObject({ code: 0, stderr: '' });
    const both = await project.piped(['check', 'pets', 'refused']);
    expect(both.code).toBe(1);
    expect(both.stdout).not.toContain('nowhere');
  });

  deepIt('turns spinners at a terminal, and takes them away', async () => {
    const terminal = project.terminal(['check', 'pets']);
    expect(await terminal.ended).toMatchObject({ code: 0 });
    expect(terminal.output).toContain('\u001b[36m⠋\u001b[39m \u001b[1mpets\u001b[22m');
    expect(terminal.output.endsWith('\u001b[?25h')).toBe(true);
    expect(readable(terminal.output)).toContain('✓ pets');
    const plain = project.terminal(['check', 'pets'], { env: { NO_COLOR: '1' } });
    await plain.ended;
    expect(plain.output).not.toMatch(/\u001b\[\d*m/);
  });

  it('--json is for programs', async () => {
    const { code, stdout } = await project.piped(['check', '--json']);
    expect(code).toBe(1);
    const checked = JSON.parse(stdout) as unknown[];
    expect(checked).toContainEqual({
      name: 'pets',
      kind: 'SqlConnection',
      ok: true,
      opened: expect.any(Number),
      ping: expect.any(Number),
    });
    expect(checked).toContainEqual({
      name: 'refused',
      kind: 'SqlConnection',
      ok: false,
      opened: expect.any(Number),
      error: expect.objectContaining({ code: 'open_failed', connection: 'refused', retryable: true }),
    });
    expect(stdout).not.toContain('planted');
  });

  it('refuses a name that is not there: 2', async () => {
    const { code, stdout, stderr } = await project.piped(['check', 'pet']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error There is no connection "pet"\. Did you mean "pets"\?/);
    expect(hasEscapes(stderr)).toBe(false);
  });

  deepIt('Ctrl-C ends it while a host does not answer', async () => {
    // A server that takes connections and says nothing.
    const { createServer } = await import('node:net');
    const mute = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => mute.once('listening', done));
    const { port } = mute.address() as { port: number };
    await project.write(
      'mute.toml',
      `[connections.mute]\ntype = "sql"\nurl = "postgresql://a:b@127.0.0.1:${port}/c"\n`,
    );
    const terminal = project.terminal(['check', '--secrets', 'mute.toml']);
    await new Promise((done) => mute.once('connection', done));
    terminal.type('\u0003');
    const { code, after } = await terminal.ended;
    mute.close();
    expect(code).toBe(130);
    expect(after).toBeLessThan(1500);
    expect(terminal.output.lastIndexOf('\u001b[?25h')).toBeGreaterThan(terminal.output.lastIndexOf('\u001b[?25l'));
  });
});

it('opens and pings, or says why not', async () => {
  const memory = memoryKind();
  const connections = { a: { type: 'memory' }, b: { type: 'nonsense' } };
  const retry = { attempts: 1 };
  const hot = createConnections({ sources: [inline({ connections })], types: { memory: memory.Kind }, retry });
  const never = new AbortController().signal;
  const [a, b] = await findConnections(hot);
  memory.failNext();
  const failed = await checkConnection(hot, a!, never);
  expect(failed.error?.code).toBe('open_failed');
  expect(failed.ping).toBeUndefined();
  const checked = await checkConnection(hot, a!, never);
  expect(checked).toMatchObject({ name: 'a', opened: expect.any(Number), ping: expect.any(Number) });
  expect(checked.error).toBeUndefined();
  expect((await checkConnection(hot, b!, never)).error?.code).toBe('unknown_type');
  await hot.close();
});

it('shows what is waited for, and leaves the line of what is done', () => {
  const err = screen({ isTTY: true });
  const spinners = new Spinners(
    err.outlet,
    new Map([
      ['a', 'pets'],
      ['b', 'wh'],
    ]),
  );
  spinners.done('a', () => err.outlet.line('✓ pets'));
  spinners.done('b', () => err.outlet.line('✓ wh'));
  spinners.end();
  expect(err.text.match(/⠋ pets\n⠋ wh\n/g)).toHaveLength(2);
  expect(err.text).toMatch(/✓ pets\n⠋ pets\n⠋ wh\n.*⠙ wh\n/s);
  expect(err.text.endsWith('\u001b[?25h')).toBe(true);
});
