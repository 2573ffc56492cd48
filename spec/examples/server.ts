import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createConnections, inline, SqlConnection } from 'hotline';

/** An example that serves HTTP in a process and a folder of its own, with two SQLite databases to choose from. */
export interface ServerExample extends AsyncDisposable {
  ask(path: string): Promise<readonly [number, unknown]>;
  /** Writes the secrets anew. */
  use(database: 'town' | 'farm'): Promise<void>;
  /** Asks until the answer to `/pets` is this pet. */
  until(pet: string): Promise<void>;
  /** SIGTERM; resolves with its exit code. */
  stop(): Promise<number | null>;
}

/** Starts `docs/examples/<file>`, which prints its port. */
export async function startExample(file: string): Promise<ServerExample> {
  const folder = await mkdtemp(join(tmpdir(), 'hotline-example-'));
  const url = (database: string): string => `sqlite:///${join(folder, `${database}.db`)}`;
  const connections = { town: { url: url('town') }, farm: { url: url('farm') } };
  await using hot = createConnections({ sources: [inline({ connections })] });
  for (const [name, pet] of Object.entries({ town: 'Milo', farm: 'Dolly' })) {
    const database = await hot.connection(name, { type: SqlConnection });
    await database.execute('create table pet (name text)');
    await database.execute('insert into pet values (?)', { params: [pet] });
  }
  const use = (database: string): Promise<void> =>
    writeFile(join(folder, 'secrets.toml'), `[connections.pets]\ntype = "sql"\nurl = "${url(database)}"\n`);
  await use('town');

  const env = { ...process.env, NODE_OPTIONS: '', PORT: '0', QUIET: '0' };
  const child = spawn(process.execPath, [resolve('docs/examples', file)], { cwd: folder, env });
  const ended = new Promise<number | null>((done) => child.once('exit', done));
  const port = await printed(child);
  const ask = async (path: string): Promise<readonly [number, unknown]> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close' } });
    return [response.status, await response.json()];
  };
  return {
    ask,
    use,
    async until(pet) {
      while (!JSON.stringify(await ask('/pets')).includes(pet)) await new Promise((done) => setTimeout(done, 20));
    },
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

/** The first line that it prints. */
function printed(child: ChildProcess): Promise<string> {
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  return new Promise((done, fail) => {
    child.stdout?.once('data', (chunk: Buffer) => done(chunk.toString().trim()));
    child.once('exit', (code) => fail(new Error(`ended with ${code}: ${complaint}`)));
  });
}
