import { afterEach, expect, it } from '@jest/globals';
import { makeProject, readable, type Project } from './support/project.ts';

let project: Project;
afterEach(() => project.remove());

it('0 for help, 2 for misuse, and nothing on standard output that was not asked for', async () => {
  project = await makeProject();
  expect(await project.piped(['--help'])).toMatchObject({ code: 0, stderr: '' });
  expect(await project.piped(['help', 'check'])).toMatchObject({ code: 0, stderr: '' });
  for (const args of [[], ['chekc'], ['list', '--nonsense'], ['query', 'a'], ['list', 'a']])
    expect(await project.piped(args)).toMatchObject({ code: 2, stdout: '' });
});

it('help has colours at a terminal only, and --version says which it is', async () => {
  project = await makeProject();
  const terminal = project.terminal(['--help']);
  expect(await terminal.ended).toMatchObject({ code: 0 });
  expect(terminal.output).toContain('\u001b[1mExamples:\u001b[22m');
  expect(readable(terminal.output)).toBe((await project.piped(['--help'])).stdout);
  expect((await project.piped(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});
