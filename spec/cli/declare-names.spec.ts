import { execFile } from 'node:child_process';
import { open, rename, stat, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createConnections, inline } from 'hotline';
import { firstValueFrom } from 'rxjs';
import { declaration, namedKinds, type Kind } from '../../src/cli/declare-names.ts';
import { deepIt } from '../support/depth.ts';
import { makeProject as makeUser, type Project as User } from '../support/project.ts';
import { makeProject, readable, type Project } from './support/project.ts';

const secrets = `
[connections.wh]
type = "snowflake"
token = "planted-secret-1"
[connections.pets]
type = "sql"
url = "sqlite:///planted-secret-2.db"
[connections.sql]
url = "sqlite::memory:"
[connections."it's 2"]
type = "./src/clock.ts#ClockConnection"
zone = "planted-secret-3"
[connections.odd]
type = "planted-secret-4"
`;

let project: Project;
afterEach(() => project.remove());

describe('hotline types', () => {
  beforeEach(async () => void (project = await makeProject(secrets)));

  it('prints names and kinds, and never a value', async () => {
    const { code, stdout, stderr } = await project.piped(['types']);
    expect(code).toBe(0);
    expect(stdout).toBe(
      [
        '// Made by `hotline types` from the names and kinds in the secrets. Run it again instead of editing this.',
        "import type { BaseConnection, SnowflakeConnection, SqlConnection } from 'hotline';",
        '',
        "declare module 'hotline' {",
        '  interface Connections {',
        "    'it\\'s 2': import('./src/clock.js').ClockConnection;",
        '    odd: BaseConnection<unknown>;',
        '    pets: SqlConnection;',
        '    sql: SqlConnection;',
        '    wh: SnowflakeConnection;',
        '  }',
        '}',
        '',
      ].join('\n'),
    );
    expect(stderr).toMatch(/^! odd: its type is no short name of hotline/);
    expect(stdout + stderr).not.toContain('planted');
  });

  it('prints the paths and types of the other secrets, and never a value', async () => {
    await project.write(
      '.streamlit/secrets.toml',
      `zone = "planted-secret-5"\n[openai]\napi_key = "planted-secret-6"\nmodels = ["planted", 1]\n"x.y" = 1\nsince = 2020-01-01\n${secrets}`,
    );
    const { stdout } = await project.piped(['types']);
    const [, types] = stdout.split('  interface SecretTypes {\n');
    expect(types).toBe(
      [
        "    openai: { readonly api_key: string; readonly models: readonly (string | number)[]; readonly 'x.y': number; readonly since: Date };",
        "    'openai.api_key': string;",
        "    'openai.models': readonly (string | number)[];",
        "    'openai.since': Date;",
        '    zone: string;',
        '  }',
        '}',
        '',
      ].join('\n'),
    );
    expect(stdout).not.toContain('planted');
  });

  it('writes a file, and leaves it alone where it would say the same', async () => {
    expect((await project.piped(['types', '--out', 'src/connections.d.ts'])).stderr).toContain(
      'src/connections.d.ts: 5 names\n',
    );
    expect(await project.read('src/connections.d.ts')).toContain("import('./clock.js').ClockConnection");
    const before = (await stat(project.path('src/connections.d.ts'))).mtimeMs;
    expect((await project.piped(['types', '--out', 'src/connections.d.ts'])).stderr).toContain('5 names, as before\n');
    expect((await stat(project.path('src/connections.d.ts'))).mtimeMs).toBe(before);
  });

  it('--watch writes it again when a name or a kind changes, until Ctrl-C', async () => {
    const terminal = project.terminal(['types', '--out', 'names.d.ts', '--watch']);
    await terminal.shows(/names\.d\.ts: 5 names/);
    await project.write('.streamlit/secrets.toml', `${secrets}[connections.more]\ntype = "sql"\n`);
    await terminal.shows(/names\.d\.ts: 6 names/);
    expect(await project.read('names.d.ts')).toContain('    more: SqlConnection;\n');
    await project.write('.streamlit/secrets.toml', `${secrets}[connections.more\n`);
    await terminal.shows(/secrets\.toml, line 15/);
    await project.write('.streamlit/secrets.toml', `${secrets}[connections.more]\ntype = "sql"\nurl = "other"\n`);
    await project.write('.streamlit/secrets.toml', `${secrets}[connections.more]\ntype = "snowflake"\n`);
    await terminal.shows(/6 names[^]*6 names/);
    expect(await project.read('names.d.ts')).toContain('    more: SnowflakeConnection;\n');
    terminal.type('\u0003');
    expect(await terminal.ended).toMatchObject({ code: 130 });
    expect(readable(terminal.output)).not.toMatch(/as before|planted/);
  });

  deepIt('--watch writes once for one save, however an editor saves', async () => {
    const terminal = project.terminal(['types', '--out', 'names.d.ts', '--watch']);
    await terminal.shows(/names\.d\.ts: 5 names/);
    const file = project.path('.streamlit/secrets.toml');
    const beside = { mode: 0o600 };
    const saves: ((text: string) => Promise<void>)[] = [
      (text) => writeFile(file, text),
      async (text) => {
        await writeFile(`${file}.new`, text, beside);
        await rename(`${file}.new`, file);
      },
      async (text) => {
        await rename(file, `${file}~`);
        await writeFile(file, text, beside);
      },
      async (text) => {
        const opened = await open(file, 'w');
        const half = text.lastIndexOf('[');
        await opened.write(text.slice(0, half));
        await opened.datasync();
        await opened.write(text.slice(half));
        await opened.close();
      },
    ];
    const text = (more: number): string =>
      secrets.replace('planted-secret-1', `planted-${Math.random()}`) +
      Array.from({ length: more }, (_, index) => `[connections.more${index}]\ntype = "sql"\n`).join('');
    for (const [index, save] of saves.entries()) {
      await save(text(index + 1));
      await terminal.shows(new RegExp(`names\\.d\\.ts: ${index + 6} names`));
    }
    // Nothing tells that these were seen: a slow machine sees them together with the last, and then proves less.
    for (const save of saves) {
      await save(text(4));
      await wait(120);
    }
    await saves[0]!(text(5));
    await terminal.shows(/10 names/);
    terminal.type('\u0003');
    await terminal.ended;
    expect(
      readable(terminal.output)
        .match(/\d+ names.*/g)
        ?.map((line) => line.trim()),
    ).toEqual([5, 6, 7, 8, 9, 10].map((count) => `${count} names`));
  });

  it('--watch needs a file', async () => {
    expect(await project.piped(['types', '--watch'])).toEqual({
      code: 2,
      stdout: '',
      stderr: 'error --watch needs a file to write: --out FILE\n',
    });
  });

  it('an empty list of names lets every name compile', async () => {
    await project.write('empty.toml', '');
    const { stdout } = await project.piped(['types', '--secrets', 'empty.toml']);
    expect(stdout).toContain('export {};');
    expect(stdout).toContain('interface Connections {\n  }');
  });
});

describe('what was generated', () => {
  let user: User;
  beforeEach(async () => {
    project = await makeProject();
    user = await makeUser();
  });
  afterEach(() => user.remove());

  it('types the names, and what is not among them does not compile', async () => {
    await user.write('secrets.toml', secrets);
    await user.write('src/clock.ts', clock);
    await user.write('src/app.ts', app);
    await user.write('tsconfig.json', JSON.stringify({ compilerOptions, include: ['src/*.ts'] }));
    const names = ['types', '--secrets', resolve(user.root, 'secrets.toml'), '--out', 'src/connections.d.ts'];
    await run([resolve('dist/cli/main.js'), ...names], user.root);
    const tsc = await run(
      [resolve('node_modules/@typescript/native/bin/tsc'), '-p', user.root, '--pretty', 'false'],
      user.root,
    );
    const places = tsc.split('\n').flatMap((line) => /^src[^(]+\((\d+)/.exec(line)?.[1] ?? []);
    const expected = app.split('\n').flatMap((line, index) => (line.includes('// no') ? [`${index + 1}`] : []));
    expect(places).toEqual(expected);
  }, 60_000);
});

const compilerOptions = { module: 'NodeNext', target: 'ES2023', strict: true, noEmit: true, types: ['node'] };
const clock = `import { BaseConnection } from 'hotline';
export class ClockConnection extends BaseConnection<Date> {
  protected connect() { return new Date(); }
  tick(): number { return 1; }
}`;
const app = `import { connection, connection$, createConnections, type SnowflakeConnection, type SqlConnection } from 'hotline';
import type { Observable } from 'rxjs';
export const pets: Promise<SqlConnection> = connection('pets');
export const wh: Promise<SnowflakeConnection> = createConnections().connection('wh');
export const warehouse: Promise<SnowflakeConnection> = connection('pets'); // no
export const pets$: Observable<SqlConnection> = connection$('pets', { ttl: '1h' });
export const misspelt = connection('petz'); // no
export const misspelt$ = connection$('petz'); // no
export const tick: Promise<number> = connection("it's 2").then((clock) => clock.tick());
export const tock = connection("it's 2").then((clock) => clock.tock()); // no
export const rows = connection('odd').then((odd) => odd.query('select 1')); // no
export const name: Promise<string> = connection('odd').then((odd) => odd.name);
`;

function run(args: readonly string[], cwd: string): Promise<string> {
  return new Promise((done) =>
    execFile(process.execPath, args, { cwd, env: { ...process.env, NODE_OPTIONS: '' } }, (_error, stdout, stderr) =>
      done(stdout + stderr),
    ),
  );
}

const lineOf = (name: string, kind: Kind | undefined, folder = '/app/src'): string =>
  declaration([{ name, kind }], { root: '/app', folder }).split('\n')[5]!.trim();
const module = (path: string): Kind => ({ module: path, export: 'Clock' });

describe('declaration', () => {
  it.each([
    ['./src/clock.ts', "import('./clock.js').Clock"],
    ['./clock.mts', "import('../clock.mjs').Clock"],
    ['./src/clock.d.ts', "import('./clock.d.ts').Clock"],
    ['./src/clock.js', "import('./clock.js').Clock"],
    ['@acme/clocks/wall', "import('@acme/clocks/wall').Clock"],
  ])('%s', (path, type) => {
    expect(lineOf('a', module(path))).toBe(`a: ${type};`);
  });

  it('quotes names that need it; none can end its quotes', () => {
    expect(lineOf('$größe', undefined)).toBe('$größe: BaseConnection<unknown>;');
    expect(lineOf('a-b', undefined)).toBe("'a-b': BaseConnection<unknown>;");
    expect(lineOf(`'; evil "\\\n\u2028`, undefined)).toBe(`'\\'; evil "\\\\\\n\\u2028': BaseConnection<unknown>;`);
  });

  it('imports each class of hotline once', () => {
    const sql = { module: 'hotline', export: 'SqlConnection' };
    const text = declaration(
      ['a', 'b'].map((name) => ({ name, kind: sql })),
      { root: '/', folder: '/' },
    );
    expect(text).toContain("import type { SqlConnection } from 'hotline';");
  });
});

it('takes the kind from the type or the name, and nothing that could be a value', async () => {
  const types = { a: 'sql', b: './k.js#K', c: 'planted secret', d: 'x#y z', e: 'm#1', f: 7 };
  const sections = Object.fromEntries(Object.entries(types).map(([name, type]) => [name, { type }]));
  const hot = createConnections({ sources: [inline({ connections: { snowflake: {}, ...sections } })] });
  const kinds = namedKinds(await firstValueFrom(hot.secrets$));
  await hot.close();
  expect(kinds).toEqual([
    { name: 'a', kind: { module: 'hotline', export: 'SqlConnection' } },
    { name: 'b', kind: { module: './k.js', export: 'K' } },
    ...['c', 'd', 'e', 'f'].map((name) => ({ name, kind: undefined })),
    { name: 'snowflake', kind: { module: 'hotline', export: 'SnowflakeConnection' } },
  ]);
});
