import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SnowflakeConnection, SqlConnection } from 'hotline';
import { parse } from 'smol-toml';
import { gitIgnore, secretsTemplate } from '../../src/cli/init.ts';
import { policyOf } from '../../src/cli/policies.ts';
import { makeProject, readable, type Project } from './support/project.ts';
import { deepIt } from '../support/depth.ts';

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

  deepIt('overwrites nothing, and says so', async () => {
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

  deepIt('--json is for programs; a terminal gets colours', async () => {
    const json = await project.piped(['init', '--json']);
    expect(JSON.parse(json.stdout)).toContainEqual({ file: project.path(file), made: true });
    const terminal = project.terminal(['init']);
    expect(await terminal.ended).toMatchObject({ code: 0 });
    expect(terminal.output).toContain('\u001b[2m=\u001b[22m');
    expect(readable(terminal.output)).toContain('Next: write your connections into .streamlit/secrets.toml');
  });
});

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'hotline-ignore-'))));
afterEach(() => rm(folder, { recursive: true }));
const text = (): Promise<string> => readFile(join(folder, '.gitignore'), 'utf8');

it.each(['.streamlit/secrets.toml', '/.streamlit/secrets.toml', '.streamlit/', '/.streamlit', '.streamlit'])(
  'leaves a file alone that says %s',
  async (line) => {
    await writeFile(join(folder, '.gitignore'), `dist\r\n${line}\r\n`);
    expect(await gitIgnore(join(folder, '.streamlit/secrets.toml'), folder)).toMatchObject({ made: false });
    expect(await text()).toBe(`dist\r\n${line}\r\n`);
  },
);

it('adds a line at the end, on a line of its own', async () => {
  await writeFile(join(folder, '.gitignore'), 'dist');
  expect(await gitIgnore(join(folder, 'secrets.toml'), folder)).toEqual({
    file: join(folder, '.gitignore'),
    made: true,
  });
  expect(await text()).toBe('dist\n/secrets.toml\n');
});

it('takes the .gitignore of the repository around it', async () => {
  await mkdir(join(folder, '.git'));
  await mkdir(join(folder, 'apps/pets'), { recursive: true });
  await gitIgnore(join(folder, 'apps/pets/secrets.toml'), join(folder, 'apps/pets'));
  expect(await text()).toBe('/apps/pets/secrets.toml\n');
});

it('is TOML as it stands, with one connection', () => {
  expect(parse(secretsTemplate)).toEqual({ connections: { pets: { type: 'sql', url: 'sqlite:///pets.db' } } });
});

it('is TOML without its comment signs, of settings that there are', () => {
  const all = parse(secretsTemplate.replaceAll(/^# (?=\[|\w+ = )/gm, '')) as unknown as {
    connections: Record<string, Record<string, unknown>>;
    env: { staging: object };
  };
  expect(Object.keys(all.connections)).toEqual(['pets', 'orders', 'warehouse']);
  expect(all.env.staging).toEqual({ connections: { orders: { host: 'staging-db.example.org' } } });
  for (const { type, ...section } of Object.values(all.connections)) {
    const { settings } = type === 'sql' ? SqlConnection : SnowflakeConnection;
    expect(Object.keys(section).filter((key) => !(key in settings) && !policyOf(key))).toEqual([]);
  }
});
