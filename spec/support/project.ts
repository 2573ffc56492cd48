import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Ended } from './child.ts';

/** A project of its own, somewhere else, which has the built hotline in its node_modules. */
export interface Project {
  readonly root: string;
  write(file: string, text: string): Promise<void>;
  /** Runs an ES module in the project's root; stops it after `limit` milliseconds. */
  run(program: string, limit?: number): Promise<Ended>;
  /** Runs one, and reads what it printed last as JSON. */
  ask(program: string): Promise<unknown>;
  remove(): Promise<void>;
}

/** Makes a project, which has the packages that hotline knows. What it does not have is named in `without`, what else it has in `more`. */
export async function makeProject({
  without = [],
  more = [],
}: { readonly without?: readonly string[]; readonly more?: readonly string[] } = {}): Promise<Project> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'hotline-project-')));
  const modules = join(root, 'node_modules');
  const manifest = JSON.parse(await readFile('package.json', 'utf8')) as Record<string, Record<string, string>>;
  // Built before all specs.
  await cp('dist', join(modules, 'hotline/dist'), { recursive: true });
  const known = Object.keys({ ...manifest['dependencies'], ...manifest['peerDependencies'] });
  const packages = [...known, '@types/node', ...more];
  for (const name of packages) {
    const target = resolve('node_modules', name);
    const there = await realpath(target).catch(() => undefined);
    if (!there || without.includes(name)) continue;
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(there, join(modules, name));
  }
  await writeFile(join(modules, 'hotline/package.json'), JSON.stringify(manifest));

  const project: Project = {
    root,
    async write(file, text) {
      await mkdir(dirname(join(root, file)), { recursive: true });
      await writeFile(join(root, file), text);
    },
    async run(program, limit = 15_000) {
      const file = join(root, `program-${Math.random().toString(36).slice(2)}.js`);
      await writeFile(file, program);
      const env = { ...process.env, NODE_OPTIONS: '', HOME: root };
      return new Promise((done) => {
        const child = execFile(
          process.execPath,
          [file],
          { cwd: root, env, timeout: limit, killSignal: 'SIGKILL' },
          (_error, stdout, stderr) =>
            done({ code: child.exitCode, stopped: child.signalCode !== null, stdout, stderr }),
        );
      });
    },
    async ask(program) {
      const { stdout, stderr, code } = await project.run(program);
      const last = stdout.trim().split('\n').at(-1) ?? '';
      if (code !== 0 || !last) throw new Error(`ended with ${code}: ${stdout}${stderr}`);
      return JSON.parse(last);
    },
    remove: () => rm(root, { recursive: true, force: true }),
  };
  await project.write('package.json', JSON.stringify({ name: 'project', type: 'module' }));
  return project;
}
