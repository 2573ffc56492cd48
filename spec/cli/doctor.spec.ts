import { execFileSync } from 'node:child_process';
import { chmod, mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { OpenError } from 'hotline';
import { connectionFinding, kindFinding, nodeFinding } from '../../src/cli/doctor.ts';
import { makeProject, readable, type Project } from './support/project.ts';
import { deepIt } from '../support/depth.ts';

let project: Project;
afterEach(() => project.remove());

const healthy = '[connections.pets]\ntype = "sql"\nurl = "sqlite::memory:"\n';

describe('hotline doctor', () => {
  it('finds nothing where all is well', async () => {
    project = await makeProject(healthy);
    const { code, stdout, stderr } = await project.piped(['doctor']);
    expect(stderr).toBe('\nAll is well.\n');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^✓ Node\.js [\d.]+ {2}is 20\.19\.0 or later$/m);
    expect(stdout).toMatch(/^✓ \.streamlit\/secrets\.toml {2}is in use$/m);
    expect(stdout).toMatch(/^✓ pets {2}opened in/m);
  });

  it('finds open and tracked files, unknown settings, missing drivers, and servers that cannot be reached', async () => {
    project = await makeProject(`${healthy}pasword = "planted-secret-1"
[connections.refused]
type = "sql"
url = "postgresql://ann:planted-secret-2@127.0.0.1:1/pets"
[connections.driverless]
type = "sql"
url = "mssql://ann:planted-secret-3@127.0.0.1/pets"
`);
    const git = (...args: string[]): unknown => execFileSync('git', args, { cwd: project.folder, stdio: 'pipe' });
    git('init');
    git('add', '.streamlit/secrets.toml');
    await chmod(project.path('.streamlit/secrets.toml'), 0o644);
    const { code, stdout, stderr } = await project.piped(['doctor']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/is open to others than its owner \(mode 644\)\.\n {2}→ Run: chmod 600/);
    expect(stdout).toMatch(/is tracked by git\.\n {2}→ Run: git rm --cached/);
    expect(stdout).toContain('! pets\n  SqlConnection knows no setting "pasword"; did you mean "password"?');
    expect(stdout).toContain('✗ driverless\n  mssql needs the package tedious');
    expect(stdout).toMatch(/✗ refused\n.*\n {2}→ Nothing listens there/);
    expect(stderr).toBe('\n4 problems, 1 warning.\n');
    expect(stdout).not.toContain('planted');

    const json = JSON.parse((await project.piped(['doctor', '--json'])).stdout) as { level: string; code: string }[];
    const codes = json.filter(({ level }) => level !== 'fine').map((finding) => finding.code);
    expect(codes.sort()).toEqual(
      ['missing_driver', 'readable_by_others', 'tracked_by_git', 'unknown_setting', 'unreachable'].sort(),
    );
  });

  it('tells each warning about what a source holds, once', async () => {
    project = await makeProject(`
[connections.pets]
type = "sql"
url = "sqlite://"
password = "$\{PW}"
`);
    const { code, stdout, stderr } = await project.piped(['doctor']);
    const file = project.path('.streamlit/secrets.toml');
    expect(stdout).toContain('has a $\{…} that is no reference');
    expect(stderr).toBe('\n0 problems, 1 warning.\n');
    expect(code).toBe(0);
    await chmod(file, 0o644);
    expect((await project.piped(['doctor'])).stderr).toBe('\n1 problem, 1 warning.\n');
  });

  it('warns of a file that git would take, and stays content', async () => {
    project = await makeProject(healthy);
    execFileSync('git', ['init'], { cwd: project.folder, stdio: 'pipe' });
    const { code, stdout, stderr } = await project.piped(['doctor']);
    expect(stdout).toContain('is not ignored by git.\n  → Add it to .gitignore.');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '\n0 problems, 1 warning.\n' });
  });

  deepIt('reports secrets that cannot be read, and that there are none', async () => {
    project = await makeProject('[connections.pets\n');
    const broken = await project.piped(['doctor']);
    expect(broken.code).toBe(1);
    expect(broken.stdout).toMatch(/✗ \.streamlit\/secrets\.toml\n.*line 1/);
    expect(broken.stderr).toBe('\n1 problem, 0 warnings.\n');
    await project.write('.streamlit/secrets.toml', '');
    const empty = project.terminal(['doctor'], { env: { HOME: project.path('elsewhere') } });
    await empty.ended;
    expect(readable(empty.output)).toContain('is in use');
  });

  deepIt.each(['check', 'doctor'])(
    '%s says a table that is misspelt, and no connections at all: 1',
    async (command) => {
      project = await makeProject(
        '[connection.pets]\nurl = "sqlite://:memory:"\n[wh]\ntype = "snowflake"\n[mail]\nurl = "https://x"\n',
      );
      const { code, stdout, stderr } = await project.piped([command]);
      const said = (stdout + stderr).replaceAll(/\s+/g, ' ');
      expect(code).toBe(1);
      expect(said).toMatch(/\[connection\.pets\] looks like a connection, and is none.*all it \[connections\.pets\]/);
      expect(said).toMatch(/\[wh\] looks like .*all it \[connections\.wh\]/);
      expect(said).not.toContain('[mail]');
      await project.write('.streamlit/secrets.toml', 'a = 1\n');
      expect((await project.piped([command])).code).toBe(1);
    },
  );

  it('a name that cannot be used fails itself alone, and is named', async () => {
    project = await makeProject(
      '[connections.""]\nurl = "x"\n[connections.pets]\ntype = "sql"\nurl = "sqlite://:memory:"\n',
    );
    const { code, stdout } = await project.piped(['check']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/✓ pets/);
    expect(stdout).toContain('[connections.""] cannot be used');
  });

  deepIt('--secrets takes JSON, .env, a FIFO and standard input, by what they are', async () => {
    project = await makeProject();
    const url = 'sqlite://:memory:';
    await project.write('x.json', JSON.stringify({ connections: { pets: { type: 'sql', url } } }));
    await project.write('.env', `HOTLINE__CONNECTIONS__PETS__TYPE=sql\nHOTLINE__CONNECTIONS__PETS__URL=${url}\n`);
    const toml = `[connections.pets]\ntype = "sql"\nurl = "${url}"\n`;
    await project.write('s.toml', toml);
    const cli = resolve('dist/cli/main.js');
    const lines = [
      '--secrets x.json',
      '--secrets .env',
      '--secrets <(cat s.toml)',
      '--secrets <(cat x.json)',
      '--secrets /dev/stdin < <(cat s.toml)',
      '--secrets fifo.env',
    ];
    const script = `mkfifo fifo.env; (cat .env > fifo.env) & ${lines.map((line) => `node ${cli} list --json ${line} || exit 7`).join('; ')}`;
    const stdout = execFileSync('bash', ['-c', script], { cwd: project.folder, encoding: 'utf8', timeout: 60_000 });
    expect(stdout.match(/"name": "pets"/g)).toHaveLength(lines.length);
    expect(stdout).toContain('/dev/stdin (a pipe, read once)');
    const broken = await project.piped(['list', '--secrets', 'none.toml']);
    expect(broken.stderr).toMatch(/^error \S*none\.toml is not there/);
  });

  it.each(['check', 'doctor'])(
    '%s says that a directory is where the file should be, and that it is empty',
    async (command) => {
      project = await makeProject();
      await mkdir(project.path('.streamlit/secrets.toml'), { recursive: true });
      const { code, stdout, stderr } = await project.piped([command]);
      expect(code).toBe(1);
      expect(stdout + stderr).toContain('source_unreadable'.slice(0, command === 'check' ? undefined : 0));
      expect((stdout + stderr).replaceAll(/\s+/g, ' ')).toContain('is an empty directory');
    },
  );
});

it('compares versions by their numbers', () => {
  expect(nodeFinding('20.19.0').level).toBe('fine');
  expect(nodeFinding('22.1.0').level).toBe('fine');
  expect(nodeFinding('20.9.0')).toMatchObject({ level: 'problem', code: 'node_too_old' });
});

it('tells a server that cannot be reached from one that refuses', () => {
  const cause = Object.assign(new Error('no'), { code: 'ECONNREFUSED' });
  const unreachable = { name: 'pets', opened: 5, error: new OpenError('open_failed', 'no', { cause }) };
  expect(connectionFinding(unreachable)).toMatchObject({ level: 'problem', code: 'unreachable', about: 'pets' });
  const refused = { name: 'pets', opened: 5, error: new OpenError('auth_failed', 'no') };
  expect(connectionFinding(refused)).toMatchObject({ level: 'problem', code: 'auth_failed' });
  expect(connectionFinding({ name: 'pets', opened: 5, ping: 1 })).toMatchObject({ level: 'fine' });
});

it('says of a warning whom it is about, once', () => {
  expect(kindFinding({ code: 'unknown_setting', connection: 'pets', message: '"pets": no "urll"' })).toEqual({
    level: 'warning',
    code: 'unknown_setting',
    about: 'pets',
    what: 'no "urll"',
  });
});
