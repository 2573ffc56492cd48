import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startPostgres, type Postgres } from '../support/postgres.ts';
import { makeProject, type Project } from './support/project.ts';

// Whatever a command prints or writes, no secret is in it: not in a failure of a driver, not from a wrong place.
let server: Postgres;
let project: Project;
beforeAll(async () => {
  server = await startPostgres();
  project = await makeProject(`
top = "planted-top"
[connections.wrong]
type = "sql"
url = "${server.url({ password: 'planted-wrong' })}"
[connections.right]
type = "sql"
url = "${server.url()}"
[connections.parts]
type = "sql"
dialect = "postgresql"
host = "127.0.0.1"
port = 1
username = "planted-user"
password = "planted@pass/word"
ssl = { key = "planted-key" }
[connections.url]
type = "sql"
url = "postgresql://ann:planted%40pass@127.0.0.1:1/pets?application_name=planted-app"
[connections.broken]
type = "sql"
url = "planted-no-url"
[connections.type]
type = "sql"
dialect = "no-dialect"
[connections.wh]
type = "snowflake"
account = "planted.invalid"
host = "127.0.0.1"
port = 1
user = "planted-user"
password = "planted-password"
[connections.misplaced]
type = "sql"
pasword = "planted-misspelt"
ttl = "planted-ttl"
`);
}, 60_000);
afterAll(async () => {
  await project?.remove();
  await server?.close();
});

const secret = /planted(?!\.invalid)|super-secret/;

it.each([
  ['list'],
  ['list', '--json'],
  ['describe', 'parts'],
  ['describe', 'misplaced', '--json'],
  ['check'],
  ['check', '--json'],
  ['doctor'],
  ['doctor', '--json'],
  ['types'],
  ['types', '--out', 'src/connections.d.ts'],
  ['init'],
  ['query', 'wrong', 'select 1'],
  ['query', 'right', 'selec 1'],
  ['query', 'right', 'select pg_sleep(:n)', '--param', 'n=planted-bind'],
  ['query', 'broken', 'select 1'],
  ['query', 'type', 'select 1'],
])(
  'hotline %s %s %s',
  async (...args) => {
    const { stdout, stderr } = await project.piped(args.filter((arg) => arg !== undefined));
    expect(stdout + stderr).not.toMatch(secret);
    expect(stdout + stderr).not.toBe('');
    const terminal = project.terminal(args.filter((arg) => arg !== undefined));
    await terminal.ended;
    expect(terminal.output).not.toMatch(secret);
  },
  60_000,
);

it('hotline watch', async () => {
  const terminal = project.terminal(['watch']);
  await terminal.shows(/right[^]*serves/);
  await terminal.shows(/wrong[^]*failed/);
  terminal.type('\u0003');
  await terminal.ended;
  expect(terminal.output).not.toMatch(secret);
}, 60_000);

it('nor in any file that was made', async () => {
  const files = (await readdir(project.folder, { recursive: true, withFileTypes: true })).filter((file) =>
    file.isFile(),
  );
  const made = files
    .filter(({ name }) => name !== 'secrets.toml')
    .map(({ parentPath, name }) => join(parentPath, name));
  expect(made.map((file) => file.slice(project.folder.length + 1)).sort()).toEqual(
    ['.gitignore', '.streamlit/secrets.schema.json', 'src/connections.d.ts'].sort(),
  );
  for (const file of made) expect(await readFile(file, 'utf8')).not.toMatch(secret);
});
