import { afterEach, expect, describe, it } from '@jest/globals';
import { makeProject, readable, type Project } from './support/project.ts';
import { deepIt } from '../support/depth.ts';

let project: Project;
afterEach(() => project.remove());

const secrets = `
[connections.orders]
type = "sql"
dialect = "postgresql"
host = "db.example.org"
password = "planted-secret-1"
ttl = "planted-secret-2"
idle_timeout = "10m"
knex = { pool = { max = 3 } }
`;

describe('hotline describe', () => {
  it('says of each setting what it is, where it stands and what it means; opens nothing', async () => {
    project = await makeProject(secrets.replace('ttl = "planted-secret-2"', 'ttl = "1h"'));
    const { code, stdout, stderr } = await project.piped(['describe', 'orders']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [first, , title, ...lines] = stdout.split('\n');
    expect([first, title]).toEqual(['orders  SqlConnection', 'Settings']);
    expect(lines).toContain('  host           db.example.org  .streamlit/secrets.toml');
    expect(lines).toContain('    The server.');
    expect(lines).toContain('  password       [redacted]      .streamlit/secrets.toml');
    expect(lines).toContain('  knex.pool.max  3               .streamlit/secrets.toml');
    expect(stdout).toContain('How it is kept\n  ttl           1h   .streamlit/secrets.toml\n    Age at which');
  });

  it('shows no secret, not even one in the wrong place', async () => {
    project = await makeProject(secrets);
    const plain = await project.piped(['describe', 'orders']);
    const json = await project.piped(['describe', 'orders', '--json']);
    const terminal = project.terminal(['describe', 'orders']);
    await terminal.ended;
    expect(plain.stdout + plain.stderr + json.stdout + json.stderr + terminal.output).not.toContain('planted');
    expect(JSON.parse(json.stdout)).toMatchObject({
      name: 'orders',
      kind: 'SqlConnection',
      settings: [{ path: 'dialect', value: 'postgresql' }, { path: 'host' }, {}, {}],
      policies: [
        { path: 'ttl', value: '[redacted]' },
        { path: 'idle_timeout', value: '10m' },
      ],
    });
  });

  it('fits what it says into the terminal', async () => {
    project = await makeProject(secrets);
    const terminal = project.terminal(['describe', 'orders'], { columns: 60 });
    await terminal.ended;
    const widths = readable(terminal.output)
      .split('\n')
      .filter((line) => line.startsWith('    '))
      .map((line) => line.length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(60);
  });

  it('finds a connection by an environment variable', async () => {
    project = await makeProject(secrets);
    const { code, stdout } = await project.piped(['describe', 'env:MAIN'], { MAIN: 'orders' });
    expect(code).toBe(0);
    expect(stdout).toContain('db.example.org');
  });

  deepIt('says why there is none: 2 for a name that is not there, 1 for a type that is wrong', async () => {
    project = await makeProject('[connections.typo]\ntype = "sqll"\n');
    expect(await project.piped(['describe', 'typ'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: 'error There is no connection "typ". Did you mean "typo"? There is: typo.\n',
    });
    const typo = await project.piped(['describe', 'typo']);
    expect(typo.code).toBe(1);
    expect(typo.stderr).toMatch(/Did you mean "sql"\?.*\n {2}→ A short name that your program registers/);
    expect(await project.piped(['describe'])).toMatchObject({ code: 2 });
  });
});
