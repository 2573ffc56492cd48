// The process that changes files while another one watches them. A message is `{ op, ...arguments }`;
// the answer says when the change was complete, and the longest pause that it can have had.
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { readlinkSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';

const now = () => performance.timeOrigin + performance.now();
const sleep = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

/** The clock of a file system ticks every 4 to 10 ms: what is written this much later has another time. */
const aTick = 15;

/** Measures the longest pause between two steps: on a busy machine it is not the one that was meant. */
class Steps {
  longest = 0;
  #last = now();

  done() {
    const at = now();
    this.longest = Math.max(this.longest, at - this.#last);
    this.#last = at;
    return this.longest;
  }
}

const ops = {
  inPlace: ({ path, text }) => writeFileSync(path, text),
  rename({ path, text }) {
    writeFileSync(`${path}.tmp`, text);
    renameSync(`${path}.tmp`, path);
  },
  syncAndRename({ path, text }) {
    const file = openSync(`${path}.tmp`, 'w');
    writeSync(file, text);
    fsyncSync(file);
    closeSync(file);
    sleep(aTick);
    renameSync(`${path}.tmp`, path);
  },
  backup({ path, text }) {
    renameSync(path, `${path}~`);
    writeFileSync(path, text);
    unlinkSync(`${path}~`);
  },
  recreate({ path, text, pause = 0 }) {
    unlinkSync(path);
    if (pause) sleep(pause);
    writeFileSync(path, text);
  },
  swap({ path: root, files, version }) {
    const directory = `..${version}`;
    const old = readlink(join(root, '..data'));
    for (const [name, text] of Object.entries(files)) create(join(root, directory, name), text);
    sleep(aTick);
    symlinkSync(directory, join(root, '..data_tmp'));
    renameSync(join(root, '..data_tmp'), join(root, '..data'));
    for (const name of new Set(Object.keys(files).map((file) => file.split('/')[0])))
      if (!readlink(join(root, name))) symlinkSync(join('..data', name), join(root, name));
    if (old) rmSync(join(root, old), { recursive: true });
  },
  halves({ path, text, pause }) {
    const steps = new Steps();
    const file = openSync(path, 'w');
    steps.done();
    writeSync(file, text.slice(0, text.length / 2));
    steps.done();
    sleep(pause);
    writeSync(file, text.slice(text.length / 2));
    closeSync(file);
    return steps.done();
  },
  burst({ path, text, times, pause = 0 }) {
    const steps = new Steps();
    for (let i = 0; i < times; i += 1) {
      writeFileSync(path, text.slice(0, Math.ceil((text.length * (i + 1)) / times)));
      if (pause) sleep(pause);
      steps.done();
    }
    return steps.longest;
  },
  create: ({ path, text }) => create(path, text),
  hardLink({ path, target }) {
    mkdirSync(dirname(path), { recursive: true });
    linkSync(target, path);
  },
  mount({ path, target }) {
    create(path, '');
    execFileSync('mount', ['--bind', target, path]);
  },
  unmount: ({ path }) => void execFileSync('umount', [path]),
  remove: ({ path }) => rmSync(path, { recursive: true, force: true }),
  swapDirectory({ path, text, name }) {
    create(join(`${path}.new`, name), text);
    sleep(aTick);
    renameSync(path, `${path}.old`);
    renameSync(`${path}.new`, path);
    rmSync(`${path}.old`, { recursive: true });
  },
  link({ path, target }) {
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(target, `${path}.tmp`);
    renameSync(`${path}.tmp`, path);
  },
};

function create(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function readlink(path) {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

process.on('message', ({ op, ...rest }) => {
  const all = new Steps();
  const pause = ops[op](rest) ?? all.done();
  process.send({ at: now(), pause });
});
process.on('disconnect', () => process.exit());
