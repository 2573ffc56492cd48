import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConfigError, OpenError, QueryError } from 'hotline';
import { cureOf, failureOf, isUnreachable, reasonOf, tellFailure, tellReason } from '../../src/cli/failure.ts';
import { examples, program } from '../../src/cli/program.ts';
import { makeProject, readable, type Project } from './support/project.ts';
import { screen } from './support/screen.ts';
import { deepIt } from '../support/depth.ts';

const agent = process.env['npm_config_user_agent'];
beforeEach(() => void delete process.env['npm_config_user_agent']);
afterAll(() => void (agent !== undefined && (process.env['npm_config_user_agent'] = agent)));

describe('program', () => {
  const commands = () => {
    const [out, err] = [screen(), screen()];
    const made = program({ out: out.outlet, err: err.outlet, signal: new AbortController().signal }, () => undefined);
    return { out, err, made };
  };
  const names = commands().made.commands.map((command) => command.name());

  it.each(names)('%s has help with examples, and says what all commands understand', async (name) => {
    const { out, made } = commands();
    await expect(made.parseAsync([name, '--help'], { from: 'user' })).rejects.toMatchObject({ exitCode: 0 });
    expect(out.text).toMatch(new RegExp(`^Usage: hotline ${name}`));
    expect(out.text).toMatch(new RegExp(`Examples:\\n {2}hotline ${name}`));
    expect(out.text).toContain('--secrets <file>');
    expect(out.text).toContain('--environment <name>');
  });

  it('suggests a command for a misspelt one', async () => {
    const { err, made } = commands();
    await expect(made.parseAsync(['chekc'], { from: 'user' })).rejects.toMatchObject({ exitCode: 1 });
    expect(err.text).toContain('Did you mean check?');
  });

  it('names commands as it was started: in examples, and where the help is', async () => {
    process.env['npm_config_user_agent'] = 'npm/10.8.2 node/v22.9.0 linux x64 workspaces/false';
    const { out, err, made } = commands();
    await expect(made.parseAsync(['check', '--help'], { from: 'user' })).rejects.toMatchObject({ exitCode: 0 });
    expect(out.text).toMatch(/Examples:\n {2}npx hotline check +all of them\n/);
    await expect(made.parseAsync(['query', 'pets'], { from: 'user' })).rejects.toMatchObject({ exitCode: 1 });
    expect(err.text).toBe("error missing required argument 'sql'\n(see npx hotline query --help)\n");
  });

  it('is told of in the guide, every command of it', () => {
    const guide = readFileSync('docs/guides/command-line.md', 'utf8');
    for (const name of names) expect(guide).toContain(`hotline ${name}`);
  });

  const { outlet } = screen();
  const made = program({ out: outlet, err: outlet, signal: new AbortController().signal }, () => undefined);

  it.each(['hotline', ...made.commands.map((command) => command.name())])('%s: examples use what there is', (name) => {
    const lines = examples(name, outlet).split('\n').slice(2, -1);
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      const [, used = '', rest = ''] = /^ {2}hotline (\S+)(.*?)(?: {2}|$)/.exec(line) ?? [];
      const command = made.commands.find((one) => one.name() === used);
      expect(command?.name()).toBe(used);
      const known = [...command!.options, ...made.options].map((option) => option.long);
      for (const [option] of rest.matchAll(/--[a-z-]+/g)) expect(known).toContain(option);
    }
  });
});

describe('run', () => {
  let project: Project;
  afterEach(() => project.remove());

  deepIt('0 for help, 2 for misuse, and nothing on standard output that was not asked for', async () => {
    project = await makeProject();
    expect(await project.piped(['--help'])).toMatchObject({ code: 0, stderr: '' });
    expect(await project.piped(['help', 'check'])).toMatchObject({ code: 0, stderr: '' });
    for (const args of [[], ['chekc'], ['list', '--nonsense'], ['query', 'a'], ['list', 'a']])
      expect(await project.piped(args)).toMatchObject({ code: 2, stdout: '' });
  });

  it('a command loads what it needs: help and misuse not even the library', async () => {
    project = await makeProject('[connections.sql]\nurl = "sqlite://:memory:"');
    await project.write(
      'loaded.cjs',
      `process.on('exit', () => {
         const names = Object.keys(require.cache).map((file) => /(?:node_modules|dist)[\\\\/](.+?)(?:[\\\\/]|[.]js|$)/.exec(file)?.[1]);
         require('node:fs').writeFileSync('loaded.json', JSON.stringify([...new Set(names)]));
       });`,
    );
    const loaded = async (...args: string[]): Promise<unknown> => {
      await project.piped(args, { NODE_OPTIONS: '--require ./loaded.cjs' });
      return JSON.parse(await project.read('loaded.json'));
    };
    const library = ['index', 'rxjs', 'lru-cache', 'ms', 'dequal', 'fastest-levenshtein'];
    for (const args of [['--help'], ['check', '--help'], ['nonsense']])
      expect(await loaded(...args)).not.toEqual(expect.arrayContaining([expect.stringMatching(/^(index|rxjs)$/)]));
    const listed = await loaded('list');
    expect(listed).toEqual(expect.arrayContaining(library));
    expect(listed).not.toContain('knex');
    expect(await loaded('check')).toEqual(expect.arrayContaining(['knex', 'libsql']));
  });

  it('help has colours at a terminal only, and --version says which it is', async () => {
    project = await makeProject();
    const terminal = project.terminal(['--help']);
    expect(await terminal.ended).toMatchObject({ code: 0 });
    expect(terminal.output).toContain('\u001b[1mExamples:\u001b[22m');
    expect(readable(terminal.output)).toBe((await project.piped(['--help'])).stdout);
    expect((await project.piped(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('failure', () => {
  const error = new OpenError('auth_failed', '"pets": no\u001b[2J', { connection: 'pets' });

  it('says what is wrong and what to do, and cannot be used to steer the terminal', () => {
    const err = screen();
    tellFailure(err.outlet, error);
    expect(err.text).toBe(`error "pets": no\\u001b[2J (auth_failed)\n  → ${error.cure}\n`);
    const other = screen();
    tellFailure(other.outlet, new Error('EACCES: no'));
    expect(other.text).toBe('error EACCES: no\n');
  });

  it('says what to do once, where the message says it too', () => {
    const err = screen();
    const cure = new OpenError('auth_failed', 'no').cure;
    tellFailure(err.outlet, new OpenError('auth_failed', `"pets": no. ${cure}`, { connection: 'pets' }));
    expect(err.text).toBe(`error "pets": no. (auth_failed)\n  → ${cure}\n`);
  });

  it('leaves out the name where that stands before it, and wraps', () => {
    const err = screen({ isTTY: true, columns: 40 });
    tellReason(err.outlet, error);
    expect(err.text).toMatch(/^ {2}no\\u001b\[2J\n {2}→ Correct .*\n {4}\S/);
    expect(Math.max(...err.text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(40);
    expect(reasonOf(new ConfigError('missing_type', 'plain'))).toBe('plain');
  });

  it('is data for programs', () => {
    expect(failureOf(error)).toEqual({
      code: 'auth_failed',
      category: 'auth',
      connection: 'pets',
      message: error.message,
      cure: error.cure,
      retryable: false,
    });
  });

  const open = (code: string): OpenError =>
    new OpenError('open_failed', 'no', { cause: Object.assign(new Error('no'), { code }) });

  it('knows what the network says', () => {
    expect(cureOf(open('ECONNREFUSED'))).toContain('Start the server');
    expect(isUnreachable(open('ENOTFOUND'))).toBe(true);
    expect(isUnreachable(open('E_OTHER'))).toBe(false);
    expect(isUnreachable(new OpenError('open_timeout', ''))).toBe(true);
    expect(cureOf(open('E_OTHER'))).toContain('hotline describe NAME');
    const named = new OpenError('open_failed', 'no', { connection: 'my pets' });
    expect(cureOf(named)).toContain("hotline describe 'my pets'");
  });

  it('takes the catalogue for the rest, and is silent where the message says it', () => {
    const refused = new OpenError('auth_failed', 'no');
    expect(cureOf(refused)).toBe(refused.cure);
    expect(cureOf(new QueryError('query_failed', 'syntax'))).toBeUndefined();
    expect(cureOf(new ConfigError('missing_driver', 'npm install pg'))).toBeUndefined();
  });
});
