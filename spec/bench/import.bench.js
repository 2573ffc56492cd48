// What a program pays for `import 'hotline'`: whole processes, interleaved.
import { spawnSync } from 'node:child_process';

export const about = {
  question: "What does a program pay for `import 'hotline'`? Whole processes, from start to end.",
  peers: ['rxjs', 'smol-toml', 'chokidar'],
};

const programs = {
  'rxjs + smol-toml + chokidar': `import 'rxjs'; import 'smol-toml'; import 'chokidar';`,
  hotline: `import 'hotline';`,
  'hotline + rxjs + smol-toml + chokidar': `import 'rxjs'; import 'smol-toml'; import 'chokidar'; import 'hotline';`,
  'nothing (node itself)': '',
};

export default async function (lab) {
  const imports = await lab.compare({
    title: 'Import, whole process',
    unit: 'ms',
    rounds: 21,
    baseline: 'rxjs + smol-toml + chokidar',
    variants: Object.fromEntries(
      Object.entries(programs).map(([name, program]) => [name, () => wholeProcess(program)]),
    ),
  });
  lab.atMost("import 'hotline' over its three libraries", imports.ratio('hotline', imports.baseline), 1.6, '×');
}

function wholeProcess(program) {
  const began = process.hrtime.bigint();
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return Number(process.hrtime.bigint() - began) / 1e6;
}
