// Runs a program that few commands need. It is no dev dependency, so that `npm install` stays quick: it is installed once, into .cache.
//   node .ci/tool.js NAME ARGUMENTS
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { folderWith } from '../spec/support/installed.js';

/** Each with its packages and where its program lies in them. What they need of ours (TypeScript) they find in the project above. */
const tools = {
  attw: [{ '@arethetypeswrong/cli': '0.18.5' }, '@arethetypeswrong/cli/dist/index.js'],
  typedoc: [
    { typedoc: '0.28.20', 'typedoc-plugin-markdown': '4.14.1', 'typedoc-vitepress-theme': '1.1.4' },
    'typedoc/bin/typedoc',
  ],
  vitepress: [{ vitepress: '1.6.4' }, 'vitepress/bin/vitepress.js'],
};

const [name, ...rest] = process.argv.slice(2);
const [packages, program] = tools[name];
const path = join(folderWith(name, packages), 'node_modules', program);
process.exitCode = spawnSync(process.execPath, [path, ...rest], { stdio: 'inherit' }).status ?? 1;
