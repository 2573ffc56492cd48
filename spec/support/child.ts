import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** How a program ended that ran in a process of its own. */
export interface Ended {
  readonly code: number | null;
  /** It had to be stopped: something held the process. */
  readonly stopped: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program in a new process, with `load('src/…')` to load a file of ours; stops it after `limit` milliseconds. */
export function runInChild(program: string, limit = 15_000): Promise<Ended> {
  const root = pathToFileURL(`${resolve('.')}/`).href;
  const load = `const load = (file) => require(require('node:url').fileURLToPath(new URL(file, ${JSON.stringify(root)})));`;
  return run(['--require', resolve('node_modules/esbuild-register/register.js')], load + body(program), limit);
}

/** The same with nothing but the built package, as its users have it: `require('hotline')`. */
export function runPackageInChild(program: string, limit = 15_000): Promise<Ended> {
  return run([], body(program), limit);
}

function body(program: string): string {
  return `(async () => { ${program} })();`;
}

function run(flags: readonly string[], script: string, limit: number): Promise<Ended> {
  const env = { ...process.env, NODE_OPTIONS: '' };
  return new Promise((done) => {
    const child = execFile(
      process.execPath,
      [...flags, '--eval', script],
      { env, timeout: limit, killSignal: 'SIGKILL' },
      (_error, stdout, stderr) => done({ code: child.exitCode, stopped: child.signalCode !== null, stdout, stderr }),
    );
  });
}
