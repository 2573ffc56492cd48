import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeProject, readable, type Project } from './support/project.ts';

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
      /\.streamlit\/secrets\.toml {2}cannot be used: .*line 1/,
    ])
      expect(shown).toMatch(line);
    expect(terminal.output.lastIndexOf('\u001b[?25h')).toBeGreaterThan(terminal.output.lastIndexOf('\u001b[?25l'));
    expect(terminal.output).not.toContain('planted');
  });

  it('waits for a server that is not there, and tells its failure once', async () => {
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
