import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { inTerminal, plainEnvironment, type Terminal, type TerminalOptions } from './terminal.ts';

/** How a command ended whose output went into pipes. */
export interface Piped {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder with files, in which commands are run; the home folder is inside, and empty. */
export interface Project {
  readonly folder: string;
  path(file: string): string;
  write(file: string, text: string): Promise<void>;
  read(file: string): Promise<string>;
  /** Runs `hotline` with pipes instead of a terminal. */
  piped(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Piped>;
  /** Runs `hotline` in a pseudo-terminal. */
  terminal(args: readonly string[], options?: Partial<TerminalOptions>): Terminal;
  remove(): Promise<void>;
}

const secretsFile = '.streamlit/secrets.toml';

export async function makeProject(secrets?: string): Promise<Project> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'hotline-cli-')));
  const home = { HOME: join(folder, 'home'), USERPROFILE: join(folder, 'home') };
  const terminals: Terminal[] = [];
  const project: Project = {
    folder,
    path: (file) => join(folder, file),
    async write(file, text) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), text, { mode: 0o600 });
    },
    read: (file) => readFile(join(folder, file), 'utf8'),
    piped(args, env) {
      return new Promise((done) => {
        const options = {
          cwd: folder,
          env: plainEnvironment({ ...home, ...env }),
          timeout: 60_000,
          maxBuffer: 1 << 28,
        };
        const child = execFile(
          process.execPath,
          [resolve('dist/cli/main.js'), ...args],
          options,
          (_error, stdout, stderr) => done({ code: child.exitCode, stdout, stderr }),
        );
      });
    },
    terminal(args, options) {
      const terminal = inTerminal(args, { cwd: folder, ...options, env: { ...home, ...options?.env } });
      terminals.push(terminal);
      return terminal;
    },
    async remove() {
      for (const terminal of terminals) terminal.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
  if (secrets !== undefined) await project.write(secretsFile, secrets);
  return project;
}

/** What somebody reads who looks at a terminal. */
export function readable(output: string): string {
  return stripVTControlCharacters(output).replaceAll('\r\n', '\n');
}

/** Whether there is a colour, a cursor movement or another order for a terminal in it. */
export function hasEscapes(output: string): boolean {
  return output.includes('\u001b');
}
