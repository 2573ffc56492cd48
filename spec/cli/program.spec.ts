import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { examples, program } from '../../src/cli/program.ts';
import { screen } from './support/screen.ts';

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
