import { expect, it } from '@jest/globals';
import { examples } from '../../src/cli/examples.ts';
import { program } from '../../src/cli/program.ts';
import { screen } from './support/screen.ts';

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
