import { describe, expect, it } from '@jest/globals';
import { commandLine, shellWord } from '../../src/cli/how-started.ts';

describe('the command line that a hint names', () => {
  it.each([
    [undefined, 'hotline init'],
    ['npm/10.8.2 node/v22.9.0 linux x64 workspaces/false', 'npx hotline init'],
    ['pnpm/9.12.0 npm/? node/v22.9.0 linux x64', 'pnpm exec hotline init'],
    ['yarn/4.5.0 npm/? node/v22.9.0 linux x64', 'yarn hotline init'],
    ['bun/1.1.30 npm/? node/v22.6.0 linux x64', 'bunx hotline init'],
    ['toString/1', 'hotline init'],
    ['', 'hotline init'],
  ])('begins as hotline was started: %s', (agent, expected) => {
    expect(commandLine('init', { npm_config_user_agent: agent })).toBe(expected);
  });

  it.each([
    ['pets', 'pets'],
    ['my pets', "'my pets'"],
    ["it's", String.raw`'it'\''s'`],
    ['$(reboot)', "'$(reboot)'"],
    ['a\u001b[2Jb', String.raw`'a\u001b[2Jb'`],
  ])('quotes a name that the shell would read otherwise: %j', (name, expected) => {
    expect(shellWord(name)).toBe(expected);
  });
});
