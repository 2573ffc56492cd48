import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from '@lydell/node-pty';
import { parameters, RowCount } from '../../src/cli/query.ts';
import { deepIt, depth } from '../support/depth.ts';
import { startPostgres, type Postgres } from '../support/postgres.ts';
import { hasEscapes, makeProject, readable, type Project } from './support/project.ts';
import { screen } from './support/screen.ts';
import { plainEnvironment } from './support/terminal.ts';

let server: Postgres;
beforeAll(async () => void (server = await startPostgres()), 60_000);
afterAll(() => server?.close());

let project: Project;
beforeEach(async () => {
  project = await makeProject(`
[connections.lite]
type = "sql"
url = "sqlite::memory:"
[connections.pg]
type = "sql"
url = "${server.url()}"
[connections.clock]
type = "./clock.js#Clock"
`);
});
afterEach(() => project.remove());

const pets = `select 1 as id, 'Milo' as name, null as owner union all select 22, 'Rex, "the" dog', 'Ann 日本'`;
const millions = {
  lite: `with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000000) select i, 'row ' || i as text from n`,
  pg: `select i, 'row ' || i as text from generate_series(1, 5000000) as i`,
};

describe('hotline query', () => {
  it('prints a table, and the count of its rows on standard error', async () => {
    const { code, stdout, stderr } = await project.piped(['query', 'lite', pets]);
    expect(code).toBe(0);
    expect(stdout).toBe(
      [
        'id  name            owner',
        '──  ──────────────  ────────',
        ' 1  Milo            NULL',
        '22  Rex, "the" dog  Ann 日本',
        '',
      ].join('\n'),
    );
    expect(stderr).toMatch(/^2 rows in \d+ m?s\n$/);
    expect(hasEscapes(stdout + stderr)).toBe(false);
  });

  it.each([
    ['json', '[\n{"id":1,"name":"Milo","owner":null},\n{"id":22,"name":"Rex, \\"the\\" dog","owner":"Ann 日本"}\n]\n'],
    ['ndjson', '{"id":1,"name":"Milo","owner":null}\n{"id":22,"name":"Rex, \\"the\\" dog","owner":"Ann 日本"}\n'],
    ['csv', 'id,name,owner\r\n1,Milo,\r\n22,"Rex, ""the"" dog",Ann 日本\r\n'],
  ])('prints %s', async (format, expected) => {
    expect(await project.piped(['query', 'lite', pets, '--format', format])).toMatchObject({
      code: 0,
      stdout: expected,
    });
  });

  it('--json is --format json; nothing found is an empty array', async () => {
    expect((await project.piped(['query', 'lite', 'select 1 where 1 = 0', '--json'])).stdout).toBe('[]\n');
  });

  it('a statement that is wrong has an error, and no rows', async () => {
    const { code, stderr } = await project.piped(['query', 'lite', 'selec 1']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error /);
    expect(stderr).not.toMatch(/\brows?\b in/);
  });

  it('binds what --param says', async () => {
    const sql = 'select :who as who, :n + 1 as n';
    const params = ['--param', 'who=Ann = Ben', '--param', 'n=41'];
    const { stdout } = await project.piped(['query', 'lite', sql, '--format', 'ndjson', ...params]);
    expect(stdout).toBe('{"who":"Ann = Ben","n":42}\n');
    expect(await project.piped(['query', 'lite', sql, '--param', 'who'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: 'error --param is written name=value, for :name in the statement.\n',
    });
  });

  it('shows at a terminal: a bold header, a dim NULL, cut cells', async () => {
    const terminal = project.terminal(['query', 'lite', `select null as a, '${'x'.repeat(200)}' as b`]);
    expect(await terminal.ended).toMatchObject({ code: 0 });
    expect(terminal.output).toContain('\u001b[1ma\u001b[22m     \u001b[1mb\u001b[22m\r\n');
    expect(terminal.output).toContain('\u001b[2mNULL\u001b[22m');
    expect(readable(terminal.output)).toContain(`${'x'.repeat(59)}…`);
  });

  it('only reads', async () => {
    const { code, stderr } = await project.piped(['query', 'lite', 'create table t (a int)']);
    expect(code).toBe(2);
    expect(stderr).toBe(
      'error "lite": `hotline query` only reads, and create writes. Run it in a program by `execute`, or in the client of the database. (write_in_query)\n',
    );
  });

  it('says how a value is given, and that a statement is missing', async () => {
    const without = await project.piped(['query', 'lite', 'select :a as a']);
    expect(without.stderr).toContain('→ Each :name of the statement gets its value by --param name=value.\n');
    expect(without).toMatchObject({ code: 1, stdout: '' });
    expect(await project.piped(['query', 'lite', ' '])).toEqual({
      ...{ code: 2, stdout: '' },
      stderr: 'error There is no statement: it stands behind the name, in quotes.\n',
    });
  });

  deepIt('says what is wrong: 1 for the server, 2 for the caller', async () => {
    const refused = await project.piped(['query', 'pg', 'selec 1']);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('syntax error');
    expect(refused.stderr).not.toContain('super-secret');
    const misspelt = await project.piped(['query', 'lit', 'select 1']);
    expect(misspelt.stderr).toBe(
      'error There is no connection "lit". Did you mean "lite"? There is: lite, pg, clock.\n',
    );
    expect(misspelt.code).toBe(2);
    expect(await project.piped(['query', 'lite', 'select 1', '--format', 'xml'])).toMatchObject({ code: 2 });
    expect(await project.piped(['query', 'lite'])).toMatchObject({ code: 2 });
  });

  deepIt('refuses a kind that runs no statements', async () => {
    await project.write('package.json', '{ "type": "module" }');
    const own =
      'class Clock { connect() {} use() {} describe() {} get kind() { return "Clock"; } get id() { return "clock"; } }';
    await project.write('clock.js', `export ${own}`);
    const { code, stderr } = await project.piped(['query', 'clock', 'select 1']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: 'error "clock" is a Clock, which runs no statements.\n' });
  });

  deepIt('ends quietly when its reader goes', async () => {
    const command = `"$0" dist/cli/main.js query lite "$1" --format ndjson --secrets "$2" | head -2`;
    const args = ['-c', command, process.execPath, millions.lite, project.path('.streamlit/secrets.toml')];
    const { stdout, stderr } = await promisify(execFile)('sh', args, { env: plainEnvironment() });
    expect(stdout).toBe('{"i":1,"text":"row 1"}\n{"i":2,"text":"row 2"}\n');
    expect(stderr).toMatch(/^[\d,]+ rows in .*, then interrupted\n$/);
  });
});

describe.each(depth(['lite'] as const, ['lite', 'pg'] as const))('five million rows of %s', (name) => {
  deepIt(
    'stream in constant memory, and Ctrl-C ends them within a second and frees the server',
    async () => {
      const terminal = project.terminal(['query', name, millions[name], '--format', 'ndjson']);
      const [first, last] = depth([200_000, 500_000], [500_000, 1_500_000]);
      await terminal.shows(new RegExp(`row ${first}"`), 30_000);
      const before = await memory(terminal.pid);
      await terminal.shows(new RegExp(`row ${last}"`), 60_000);
      const after = await memory(terminal.pid);
      // A million rows more are 35 MB of text, and a multiple of that as objects.
      expect(after - before).toBeLessThan(60);
      terminal.type('\u0003');
      const ended = await terminal.ended;
      expect(ended.code).toBe(130);
      // A second, and what a busy machine takes for itself.
      expect(ended.after).toBeLessThan(1500);
      expect(readable(terminal.output)).toMatch(/\d+ rows in .* rows\/s\), then interrupted\n$/);
      expect(await running()).toEqual([]);
    },
    120_000,
  );
});

deepIt(
  'shows how many rows have come, where they go elsewhere, and gives the cursor back',
  async () => {
    const command = `"${process.execPath}" "${process.cwd()}/dist/cli/main.js" query lite "${millions.lite.replaceAll('"', '')}" > rows.txt`;
    const shell = spawn('sh', ['-c', command], { cwd: project.folder, env: plainEnvironment() });
    let [output, stopped] = ['', ''];
    shell.onData((data) => {
      output += data;
      if (!stopped && /\d,000 rows in .*rows\/s/.test(output)) shell.write((stopped = '\u0003'));
    });
    await new Promise((done) => shell.onExit(done));
    expect(output).toContain('\u001b[?25l');
    expect(output.lastIndexOf('\u001b[?25h')).toBeGreaterThan(output.lastIndexOf('\u001b[?25l'));
    expect(hasEscapes(await project.read('rows.txt'))).toBe(false);
  },
  60_000,
);

/** Resident megabytes of a process. */
async function memory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

/** What the server still does for us; it is given a moment to notice. */
async function running(): Promise<unknown[]> {
  for (let attempt = 0; ; attempt++) {
    const found = await server.sql(
      `select state from pg_stat_activity where backend_type = 'client backend' and query like '%generate_series%' and pid <> pg_backend_pid()`,
    );
    if (found.length === 0 || attempt === 20) return found;
    await new Promise((done) => setTimeout(done, 50));
  }
}

describe('parameters', () => {
  it.each([
    ['who=Ann', { who: 'Ann' }],
    [':who=Ann', { who: 'Ann' }],
    ['sum=a=b', { sum: 'a=b' }],
    ['n=42', { n: 42 }],
    ['n=-1.5', { n: -1.5 }],
    ['zip=00501', { zip: '00501' }],
    ['card=4111111111111111111', { card: '4111111111111111111' }],
    ['n="42"', { n: '42' }],
    ['yes=true', { yes: true }],
    ['no=null', { no: null }],
    ['empty=', { empty: '' }],
    ['quote="a" b', { quote: '"a" b' }],
    ['odd=Infinity', { odd: 'Infinity' }],
  ])('%s', (text, expected) => {
    expect(parameters([text])).toEqual(expected);
  });

  it('later ones win, none are none, and what has no name is refused', () => {
    expect(parameters(['a=1', 'a=2'])).toEqual({ a: 2 });
    expect(parameters([])).toBeUndefined();
    for (const wrong of ['a', '=1', '']) expect(() => parameters([wrong])).toThrow('name=value');
  });
});

it('says nothing of rows before an error, unless there were some', () => {
  const err = screen();
  new RowCount(err.outlet, true).end('failed');
  expect(err.text).toBe('');
  const some = new RowCount(err.outlet, true);
  some.add(3);
  some.end('failed');
  expect(err.text).toMatch(/^3 rows in \d+ ms, then failed\n$/);
});

it('counts in the end, and says when it was interrupted', () => {
  const err = screen();
  const count = new RowCount(err.outlet, true);
  count.add(1200);
  count.add(300);
  count.end('interrupted');
  expect(err.text).toMatch(/^1,500 rows in \d+ ms \([\d,]+ rows\/s\), then interrupted\n$/);
});

it('paints at a terminal, and takes it away', () => {
  const err = screen({ isTTY: true });
  const count = new RowCount(err.outlet, true);
  count.add(1);
  expect(err.text).toContain('1 row in ');
  count.end('whole');
  expect(err.text).toMatch(/\u001b\[\?25h1 row in \d+ ms\n$/);
});
