import { execFileSync } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeProject, readable, type Project } from './support/project.ts';

let project: Project;
beforeEach(async () => void (project = await makeProject()));
afterEach(() => project.remove());

const file = '.streamlit/secrets.toml';

describe('hotline init', () => {
  it('makes a secrets file for its owner alone, a schema, and a line in .gitignore', async () => {
    const { code, stdout, stderr } = await project.piped(['init']);
    expect(code).toBe(0);
    expect(stdout).toBe(
      [
        '✓ .streamlit/secrets.toml  your connections; only you can read it',
        '✓ .streamlit/secrets.schema.json  its schema, for editors',
        '✓ .gitignore  keeps it out of git',
        '',
      ].join('\n'),
    );
    expect(stderr).toContain('hotline check');
    expect((await stat(project.path(file))).mode & 0o777).toBe(0o600);
    expect(await project.read(file)).toMatch(/^#:schema \.\/secrets\.schema\.json\n/);
    expect(await project.read('.gitignore')).toBe('/.streamlit/secrets.toml\n');
  });

  it('makes what works at once: list, check, query, types', async () => {
    await project.piped(['init']);
    expect((await project.piped(['list'])).stdout).toContain('pets  SqlConnection\n');
    expect(await project.piped(['check'])).toMatchObject({ code: 0 });
    expect((await project.piped(['query', 'pets', 'select 1 as one', '--json'])).stdout).toBe('[\n{"one":1}\n]\n');
    expect((await project.piped(['types'])).stdout).toContain('    pets: SqlConnection;\n');
  });

  it('is what git ignores', async () => {
    execFileSync('git', ['init'], { cwd: project.folder, stdio: 'pipe' });
    await project.piped(['init']);
    const ignored = execFileSync('git', ['check-ignore', file], { cwd: project.folder, encoding: 'utf8' });
    expect(ignored.trim()).toBe(file);
  });

  it('overwrites nothing, and says so', async () => {
    await project.write(file, '# mine\n');
    await project.write('.streamlit/secrets.schema.json', '{}');
    await project.write('.gitignore', 'node_modules\n.streamlit/');
    const { code, stdout } = await project.piped(['init']);
    expect(code).toBe(0);
    expect(stdout.match(/^= .* is there already; left as it is$/gm)).toHaveLength(3);
    expect(await project.read(file)).toBe('# mine\n');
    expect(await project.read('.streamlit/secrets.schema.json')).toBe('{}');
    expect(await project.read('.gitignore')).toBe('node_modules\n.streamlit/');
    await project.piped(['init', '--secrets', 'config/other.toml']);
    expect(await project.read('.gitignore')).toBe('node_modules\n.streamlit/\n/config/other.toml\n');
    expect(await project.read('config/other.toml')).toContain('[connections.pets]');
  });

  it('--json is for programs; a terminal gets colours', async () => {
    const json = await project.piped(['init', '--json']);
    expect(JSON.parse(json.stdout)).toContainEqual({ file: project.path(file), made: true });
    const terminal = project.terminal(['init']);
    expect(await terminal.ended).toMatchObject({ code: 0 });
    expect(terminal.output).toContain('\u001b[2m=\u001b[22m');
    expect(readable(terminal.output)).toContain('Next: write your connections into .streamlit/secrets.toml');
  });
});
