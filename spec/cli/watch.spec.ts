import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LeaseError, OpenError, SourceError, type ConnectionEvent, type ListedConnection } from 'hotline';
import pc from 'picocolors';
import { eventLine, eventLines, News, plainEvent, stateTable } from '../../src/cli/watch.ts';
import { makeProject, readable, type Project } from './support/project.ts';
import { deepIt } from '../support/depth.ts';

let project: Project;
const file = '.streamlit/secrets.toml';
const section = (database: string): string =>
  `[connections.pets]\ntype = "sql"\ndialect = "sqlite"\ndatabase = "${database}"\npassword = "planted-secret-1"\n`;
beforeEach(async () => void (project = await makeProject(section('a.db'))));
afterEach(() => project.remove());

describe('hotline watch', () => {
  it('shows a table of states, and events as a connection rotates; Ctrl-C gives the terminal back', async () => {
    const terminal = project.terminal(['watch']);
    await terminal.shows(/●.*pets.*ready.*#1/);
    await project.write(file, section('b.db'));
    await terminal.shows(/●.*pets.*ready.*#2/);
    await project.write(file, '[broken');
    await terminal.shows(/cannot be used/);
    await project.write(file, `${section('b.db')}[connections.more]\ntype = "sql"\nurl = "sqlite::memory:"\n`);
    await terminal.shows(/●.*more.*ready/);
    terminal.type('\u0003');
    const { code, after } = await terminal.ended;
    expect(code).toBe(130);
    expect(after).toBeLessThan(1500);
    const shown = readable(terminal.output);
    for (const line of [
      /\d\d:\d\d:\d\d {2}pets {2}its settings changed/,
      /pets {2}instance 2 is being opened/,
      /pets {2}instance 2 serves/,
      /pets {2}instance 1 retired \(replaced\)/,
      /pets {2}instance 1 closed/,
      /\.streamlit\/secrets\.toml\s+cannot be used: .*line 1/,
    ])
      expect(shown).toMatch(line);
    expect(terminal.output.lastIndexOf('\u001b[?25h')).toBeGreaterThan(terminal.output.lastIndexOf('\u001b[?25l'));
    expect(terminal.output).not.toContain('planted');
  });

  deepIt('waits for a server that is not there, and tells its failure once', async () => {
    await project.write(
      file,
      '[connections.pg]\ntype = "sql"\nurl = "postgresql://a:planted-secret-2@127.0.0.1:1/b"\n',
    );
    const terminal = project.terminal(['watch', 'pg'], { env: { NO_COLOR: '1' } });
    await terminal.shows(/✗.*pg.*failed[^]*next attempt in/);
    await terminal.shows(/next attempt in [^]*next attempt in/);
    terminal.type('\u0003');
    expect(await terminal.ended).toMatchObject({ code: 130 });
    expect(readable(terminal.output).match(/instance \d+ failed/g)).toHaveLength(1);
    expect(terminal.output).not.toMatch(/planted|\u001b\[\d*m/);
  });

  it('in a pipe it is events only; --json makes each a line', async () => {
    const { spawn } = await import('node:child_process');
    const { resolve } = await import('node:path');
    const child = spawn(process.execPath, [resolve('dist/cli/main.js'), 'watch', '--json'], {
      cwd: project.folder,
      env: { ...process.env, HOME: project.folder, NODE_OPTIONS: '' },
    });
    let output = '';
    const served = new Promise<void>((done) =>
      child.stdout.on('data', (data: Buffer) => {
        output += data.toString();
        if (output.includes('instance.ready')) done();
      }),
    );
    await served;
    child.kill('SIGTERM');
    expect(await new Promise((done) => child.once('exit', done))).toBe(143);
    const events = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string });
    expect(events).toContainEqual({
      type: 'instance.ready',
      id: 'pets',
      connection: 'pets',
      generation: 1,
      at: expect.any(Number),
    });
    expect(output).not.toMatch(/planted|\u001b/);
  });

  it('refuses a name that is not there', async () => {
    expect(await project.piped(['watch', 'pet'])).toMatchObject({
      code: 2,
      stdout: expect.not.stringContaining('instance'),
    });
  });
});

const colors = pc.createColors(false);
const at = new Date(2026, 0, 2, 3, 4, 5).getTime();
const pets = { at, id: 'pets', connection: 'pets' };
const error = new OpenError('open_failed', '"pets": refused', { connection: 'pets' });

describe('an event in a narrow terminal', () => {
  const words = 'the server at db.example refused the login of the user app because its password is another one now';
  const failed: ConnectionEvent = {
    ...pets,
    ...{ type: 'instance.failed', generation: 2, retryIn: 1500 },
    error: new OpenError('auth_failed', `"pets": ${words}`, { connection: 'pets' }),
  };

  it('is on as many lines as it needs, and no word is broken', () => {
    const lines = eventLines(failed, colors, 6, 60);
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(60);
    expect(lines.map((line) => line.trim()).join(' ')).toContain(`failed: ${words}; again`);
    expect(lines[1]).toMatch(/^ {18}\S/);
  });

  it('is one line where there is no terminal', () => {
    expect(eventLines(failed, colors, 6, Infinity)).toEqual([eventLine(failed, colors, 6)]);
  });

  it('stands below a source whose name is long', () => {
    const lines = eventLines({ type: 'source.loaded', at, source: '/a/very/long/path/to/secrets.toml' }, colors, 6, 48);
    expect(lines[0]).toMatch(/secrets\.toml$/);
    expect(lines.slice(1)).toEqual([`${' '.repeat(18)}was read`]);
  });
});

describe('a line for each event', () => {
  it.each<[ConnectionEvent, string]>([
    [{ type: 'source.loaded', at, source: '/run/a.toml' }, '/run/a.toml  was read'],
    [{ type: 'source.missing', at, source: 'vault' }, 'vault   is not there'],
    [
      { type: 'source.failed', at, source: 'vault', error: new SourceError('source_invalid', 'line 1') },
      'vault   cannot be used: line 1',
    ],
    [{ ...pets, type: 'config.changed', settings: ['host', 'port'] }, 'pets    its settings changed: host, port'],
    [{ ...pets, type: 'instance.opening', generation: 2 }, 'pets    instance 2 is being opened'],
    [{ ...pets, type: 'instance.ready', generation: 2 }, 'pets    instance 2 serves'],
    [
      { ...pets, type: 'instance.failed', generation: 2, error, retryIn: 1500 },
      'pets    instance 2 failed: refused; again in 1.5 s',
    ],
    [
      { ...pets, type: 'instance.failed', generation: 2, error, retryIn: Infinity },
      'pets    instance 2 failed: refused',
    ],
    [{ ...pets, type: 'instance.retired', generation: 1, reason: 'replaced' }, 'pets    instance 1 retired (replaced)'],
    [{ ...pets, type: 'instance.closed', generation: 1 }, 'pets    instance 1 closed'],
    [
      { ...pets, type: 'lease.aborted', generation: 1, error: new LeaseError('lease_aborted', 'too long') },
      'pets    running work was cut: too long',
    ],
    [{ ...pets, type: 'warning', code: 'unknown_setting', message: '"pets": no "urll"' }, 'pets    ! no "urll"'],
  ])('%j', (event, line) => {
    expect(eventLine(event, colors, 6)).toBe(`03:04:05  ${line}`);
  });

  it('is JSON for programs, with the code and the cure of an error', () => {
    const plain = plainEvent({ ...pets, type: 'instance.failed', generation: 2, error, retryIn: 1 });
    expect(JSON.parse(plain)).toMatchObject({
      type: 'instance.failed',
      generation: 2,
      error: { code: 'open_failed', retryable: true, cure: expect.any(String) },
    });
  });
});

const about = { at: 0, id: 'pets', connection: 'pets' };
const event = (type: string, generation: number, message?: string): ConnectionEvent =>
  ({ ...about, type, generation, ...(message && { error: new OpenError('open_failed', message) }) }) as ConnectionEvent;

it('tells a failure once, until it is another one or an instance has served', () => {
  const news = new News();
  const told = [
    event('instance.opening', 1),
    event('instance.failed', 1, 'refused'),
    event('instance.closed', 1),
    event('instance.opening', 2),
    event('instance.failed', 2, 'refused'),
    event('instance.failed', 3, 'timed out'),
    event('instance.ready', 4),
    event('instance.failed', 5, 'timed out'),
    event('instance.retired', 4),
    event('instance.closed', 4),
    { at: 0, type: 'source.loaded', source: 'a.toml' } as const,
  ].filter((one) => news.has(one));
  expect(told.map((one) => ('generation' in one ? `${one.type} ${one.generation}` : one.type))).toEqual([
    'instance.opening 1',
    'instance.failed 1',
    'instance.failed 3',
    'instance.ready 4',
    'instance.failed 5',
    'instance.retired 4',
    'instance.closed 4',
    'source.loaded',
  ]);
});

const listed = (name: string, status: object): ListedConnection =>
  ({
    id: name,
    name,
    kind: 'SqlConnection',
    status: { id: name, name, since: 1000, generation: 0, ...status },
  }) as never;

it('shows state, instance, use, and an error with its next attempt', () => {
  const error = new OpenError('open_failed', '"wh": refused', { connection: 'wh' });
  const rows = [
    listed('pets', { state: 'replacing', generation: 3 }),
    listed('wh', { state: 'failed', error, nextRetryAt: 6500 }),
  ];
  const pool = { size: 4, used: 3, idle: 1, waiting: 0 };
  const stats = (name: string) => ({ leases: 0, subscribers: 0, draining: 0, ...(name === 'pets' && { pool }) });
  expect(stateTable(rows, stats as never, colors, 5000)).toEqual([
    '',
    '  name  kind           state      instance  for  pool',
    '◐ pets  SqlConnection  replacing  #3        4 s  3 of 4 in use',
    '✗ wh    SqlConnection  failed               4 s',
    '    next attempt in 1.5 s; refused',
  ]);
  expect(stateTable([], stats as never, colors, 0)).toEqual([]);
});
