import { existsSync } from 'node:fs';
import { appendFile, chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { CommonOptions, Console } from './console.ts';
import { exitCode, type ExitCode } from './exit-code.ts';
import { commandLine } from './how-started.ts';
import { secretsSchema } from './secrets-schema.ts';
import { displayPath } from './text.ts';

const defaultFile = '.streamlit/secrets.toml';

/** A secrets file that only its owner can read, its JSON Schema, a line in .gitignore. Nothing is overwritten. */
export async function init({ out, err }: Console, { secrets, json }: CommonOptions): Promise<ExitCode> {
  const file = resolve(secrets?.at(-1) ?? defaultFile);
  const schema = resolve(dirname(file), 'secrets.schema.json');
  const done = [
    { file, made: await writeNew(file, template(), 0o600), why: 'your connections; only you can read it' },
    { file: schema, made: await writeNew(schema, secretsSchema(), 0o644), why: 'its schema, for editors' },
    { ...(await gitIgnore(file)), why: 'keeps it out of git' },
  ];
  if (json)
    out.line(
      JSON.stringify(
        done.map(({ file, made }) => ({ file, made })),
        undefined,
        2,
      ),
    );
  else {
    const { bold, dim, green } = out.colors;
    for (const { file, made, why } of done)
      out.line(
        made
          ? `${green('✓')} ${bold(displayPath(file))}  ${dim(why)}`
          : `${dim('=')} ${displayPath(file)}  ${dim('is there already; left as it is')}`,
      );
    const named = file === resolve(defaultFile) ? '' : ` --secrets ${relative('.', file)}`;
    err.line(`\nNext: write your connections into ${displayPath(file)}, then run: ${commandLine(`check${named}`)}`);
  }
  return exitCode.fine;
}

/** Writes a file that is not there; whether it did. What is there is never touched, a link neither. */
export async function writeNew(file: string, text: string, mode: number): Promise<boolean> {
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(file, text, { flag: 'wx', mode });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  await chmod(file, mode);
  return true;
}

/** Adds a line for `file` to the .gitignore of its repository, or of this folder, where no line names it. */
export async function gitIgnore(file: string, cwd: string = process.cwd()): Promise<{ file: string; made: boolean }> {
  const folder = repositoryOf(dirname(file)) ?? (relative(cwd, file).startsWith('..') ? dirname(file) : cwd);
  const ignore = join(folder, '.gitignore');
  const path = relative(folder, file).split(sep).join('/');
  const text = await readFile(ignore, 'utf8').catch(() => '');
  const there = text.split(/\r?\n/).some((line) => names(line.trim(), path));
  if (!there) await appendFile(ignore, `${text && !text.endsWith('\n') ? '\n' : ''}/${path}\n`);
  return { file: ignore, made: !there };
}

/** Tells whether a line is about this file and no pattern: patterns are for git to understand. */
function names(line: string, path: string): boolean {
  const folder = dirname(path);
  return [path, `/${path}`, `${folder}/`, `/${folder}/`, folder, `/${folder}`].includes(line) && line !== '.';
}

function repositoryOf(start: string): string | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

/** The first secrets file, which names commands as this one was started. */
function template(): string {
  return secretsTemplate.replaceAll(/^#   hotline (?=\w)/gm, `#   ${commandLine('')}`);
}

/** The first secrets file of a project. */
export const secretsTemplate = `#:schema ./secrets.schema.json
# What hotline connects to. Keep this file out of git and readable by you alone: chmod 600.
#
# Each [connections.NAME] is a connection: in code, \`await connection('NAME')\`.
# A save takes effect in running programs at once; a bad save changes nothing.
#
#   hotline list     what is here, without the secrets
#   hotline check    does everything answer?
#   hotline doctor   what is wrong, and what to do about it

[connections.pets]
type = "sql"
url = "sqlite:///pets.db"

# A server. Special characters in a password need no escaping when it stands alone.
#
# [connections.orders]
# type = "sql"
# dialect = "postgresql"
# host = "db.example.org"
# port = 5432
# database = "orders"
# username = "ann"
# password = "\${env:ORDERS_PASSWORD}"    # from the environment; or \${file:/run/secrets/orders}
#
# How it is kept: an age at which it is replaced, and how long it may lie unused.
# ttl = "1h"
# idle_timeout = "10m"

# Snowflake.
#
# [connections.warehouse]
# type = "snowflake"
# account = "myorg-account123"
# user = "APP"
# private_key_file = "rsa_key.p8"
# warehouse = "XS"

# Over all of it where HOTLINE_ENV=staging, or with --environment staging.
#
# [env.staging.connections.orders]
# host = "staging-db.example.org"
`;
