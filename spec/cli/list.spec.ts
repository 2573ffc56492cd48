import { afterEach, describe, expect, it } from '@jest/globals';
import { hasEscapes, makeProject, readable, type Project } from './support/project.ts';
import { deepIt } from '../support/depth.ts';

let project: Project;
afterEach(() => project.remove());

const secrets = `
[connections.pets]
type = "sql"
dialect = "sqlite"
database = "pets.db"
password = "planted-secret-of-pets"
ttl = "1h"
[connections.wh]
type = "snowflake"
account = "myorg-account123"
token = "planted-secret-of-wh"
`;

describe('hotline list', () => {
  it('shows names, kinds, and where each setting comes from; no secret', async () => {
    project = await makeProject(secrets);
    await project.write('more.toml', '[connections.pets]\ndatabase = "other.db"\n');
    const { code, stdout, stderr } = await project.piped([
      'list',
      '--secrets',
      '.streamlit/secrets.toml',
      '--secrets',
      'more.toml',
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(
      [
        'pets  SqlConnection',
        '  dialect   sqlite      .streamlit/secrets.toml',
        '  database  other.db    more.toml',
        '  password  [redacted]  .streamlit/secrets.toml',
        '  ttl       1h          .streamlit/secrets.toml',
        '',
        'wh  SnowflakeConnection',
        '  account  myorg-account123  .streamlit/secrets.toml',
        '  token    [redacted]        .streamlit/secrets.toml',
        '',
      ].join('\n'),
    );
  });

  deepIt('writes integers that no number holds as text, as describe does, with --json', async () => {
    project = await makeProject(
      '[connections.pets]\ntype = "sql"\nurl = "sqlite://"\nttl = 9223372036854775807\nport = 9223372036854775807\n',
    );
    for (const command of [['list'], ['describe', 'pets']]) {
      const { code, stdout, stderr } = await project.piped([...command, '--json']);
      expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: '' });
      expect(JSON.stringify(JSON.parse(stdout))).toContain('"value":"9223372036854775807"');
    }
  });

  deepIt(
    'has colours at a terminal, none with NO_COLOR, --no-color or in a pipe; FORCE_COLOR brings them back',
    async () => {
      project = await makeProject(secrets);
      const coloured = project.terminal(['list']);
      expect(await coloured.ended).toMatchObject({ code: 0 });
      expect(coloured.output).toContain('\u001b[1mpets\u001b[22m');
      for (const plain of [
        project.terminal(['list'], { env: { NO_COLOR: '1' } }),
        project.terminal(['list', '--no-color']),
        project.terminal(['list'], { env: { TERM: 'dumb' } }),
      ]) {
        await plain.ended;
        expect(hasEscapes(plain.output)).toBe(false);
        expect(plain.output.replaceAll('\r\n', '\n')).toBe(readable(coloured.output));
      }
      expect(hasEscapes((await project.piped(['list'])).stdout)).toBe(false);
      expect(hasEscapes((await project.piped(['list'], { FORCE_COLOR: '1' })).stdout)).toBe(true);
    },
  );

  it('--json is for programs', async () => {
    project = await makeProject(secrets);
    const { stdout } = await project.piped(['list', '--json']);
    const [pets] = JSON.parse(stdout) as { settings: unknown[] }[];
    expect(pets).toMatchObject({ name: 'pets', kind: 'SqlConnection' });
    expect(pets?.settings).toContainEqual({
      path: 'password',
      value: '[redacted]',
      origin: project.path('.streamlit/secrets.toml'),
    });
  });

  deepIt('lays an environment over the file', async () => {
    project = await makeProject(`${secrets}[env.staging.connections.pets]\ndatabase = "staging.db"\n`);
    expect((await project.piped(['list', '--environment', 'staging'])).stdout).toContain('staging.db');
    expect((await project.piped(['list'])).stdout).not.toContain('staging.db');
    const wrong = await project.piped(['list', '--environment', 'stagin']);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toMatch(/^error .*unknown_environment/);
    expect(wrong.stderr).toContain('Did you mean staging?');
  });

  it('shows what is wrong with one connection beside the others, and fails', async () => {
    project = await makeProject(`${secrets}[connections.typo]\ntype = "sqll"\nurl = "planted-secret-of-typo"\n`);
    const { code, stdout } = await project.piped(['list']);
    expect(code).toBe(1);
    expect(stdout).toContain('typo  unknown_type\n');
    expect(stdout).toContain('Did you mean "sql"?');
    expect(stdout).toContain('pets  SqlConnection');
    expect(stdout).not.toContain('planted');
  });

  deepIt('says how to begin where there is nothing', async () => {
    project = await makeProject();
    expect(await project.piped(['list'])).toEqual({
      code: 0,
      stdout: '',
      stderr: 'There are no connections yet. Begin with: hotline init\n',
    });
    expect(await project.piped(['list', '--json'])).toMatchObject({ code: 0, stdout: '[]\n' });
  });

  it('says why the secrets cannot be read', async () => {
    project = await makeProject('[connections.pets\nurl = "planted-secret-of-pets"');
    const broken = await project.piped(['list']);
    expect(broken).toMatchObject({ code: 1, stdout: '' });
    expect(broken.stderr).toContain('line 1');
    expect(broken.stderr).not.toContain('planted');
    const missing = await project.piped(['list', '--secrets', 'nowhere.toml']);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain('nowhere.toml is not there');
  });

  it('gives names no power over the terminal', async () => {
    project = await makeProject('[connections."a\\u001b[31mb"]\ntype = "sql"\ndatabase = "\\u001b]0;title\\u0007"\n');
    expect(hasEscapes((await project.piped(['list'])).stdout)).toBe(false);
  });
});
