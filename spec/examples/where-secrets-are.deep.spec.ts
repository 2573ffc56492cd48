import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { compileFunction } from 'node:vm';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import * as hotline from 'hotline';
import { playedSops } from './played-sops.ts';
import { playedKubernetes } from './played-watches.ts';

const run = promisify(execFile);
const cli = resolve('dist/cli/main.js');
const library = resolve('dist/index.mjs');

/** The lines of the table: what somebody has, the code of the line, and when a change is seen. */
const lines = (await readFile('docs/guides/sources.md', 'utf8'))
  .split('## Where your secrets are')[1]!
  .split('\n## ')[0]!
  .split('\n')
  .filter((line) => line.startsWith('|') && !/^\| (you have|-)/.test(line))
  .map((line) => line.split('|').slice(1, -1))
  .map(([have, source, seen]) => ({
    have: have!.trim(),
    codes: [...source!.matchAll(/`([^`]+)`/g)].map(([, code]) => code!),
    seen: seen!.trim(),
  }));

let folder: string;
let first: string;
let second: string;
const environment = { ...process.env };
beforeAll(async () => {
  for (const line of lines) expect(line.codes).not.toEqual([]);
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hotline-where-'));
  [first, second] = ['one', 'two'].map((name) => `sqlite:///${join(folder, name)}.db`) as [string, string];
});
afterEach(async () => {
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
  await rm(folder, { recursive: true, force: true });
});

/** The source that the code of a line makes; its paths are in the folder of this test. */
function made(code: string, more: Record<string, unknown> = {}): hotline.Source {
  const here = code.replaceAll(/\('\/?([^']+)'/g, (_all, path: string) => `('${join(folder, path)}'`);
  const names = { ...hotline, process, ...more };
  return (compileFunction(`return ${here}`, Object.keys(names)) as (...values: unknown[]) => hotline.Source)(
    ...Object.values(names),
  );
}

/** Uses a connection, changes its URL, and waits until another one is served. */
async function follows(source: hotline.Source, change: () => unknown, reload = false): Promise<void> {
  const hot = hotline.createConnections({ sources: [source] });
  try {
    const pets = await hot.connection('pets', { type: hotline.SqlConnection });
    const file = async () => (await pets.query<{ file: string }>('pragma database_list'))[0]!.file;
    expect(await file()).toBe(join(folder, 'one.db'));
    await change();
    if (reload) await hot.reload();
    for (let waited = 0; (await file()) !== join(folder, 'two.db'); waited += 20) {
      if (waited > 4000) throw new Error('The change was not seen.');
      await new Promise((done) => setTimeout(done, 20));
    }
  } finally {
    await hot.close();
  }
}

/** Waits until a secret that is "one" is "two". */
async function tells(source: hotline.Source, path: string, change: () => unknown): Promise<void> {
  const hot = hotline.createConnections({ sources: [source] });
  expect(await hot.secret(path)).toBe('one');
  await change();
  while ((await hot.secret(path)) !== 'two') await new Promise((done) => setTimeout(done, 20));
  await hot.close();
}

async function put(name: string, bytes: string | Uint8Array): Promise<void> {
  const path = join(folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(`${path}.new`, bytes, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

const toml = (url: string): string => `[connections.pets]\nurl = "${url}"\n`;
const json = (url: string): string => JSON.stringify({ connections: { pets: { url } } });
const recipe = async (name: string) =>
  (await import(resolve(`docs/examples/sources/${name}.js`))) as Record<
    string,
    (path: string, more: object) => unknown
  >;

/** What the kubelet does: a folder of the version, and a link that is swapped. */
async function publish(name: string, version: string, files: Record<string, string>): Promise<void> {
  const root = join(folder, name);
  for (const [file, text] of Object.entries(files)) await put(join(name, `..${version}`, file), text);
  await symlink(`..${version}`, join(root, '..tmp'));
  await rename(join(root, '..tmp'), join(root, '..data'));
  for (const file of Object.keys(files))
    await symlink(join('..data', file.split('/')[0]!), join(root, file.split('/')[0]!)).catch(() => undefined);
}

async function inFile(code: string, text: (url: string) => string | Uint8Array | Promise<Uint8Array>, more = {}) {
  const name = /'\/?([^']+)'/.exec(code)![1]!;
  await put(name, await text(first));
  await follows(made(code, more), async () => put(name, await text(second)));
}

async function inVariables(code: string): Promise<void> {
  process.env['HOTLINE__CONNECTIONS__PETS__URL'] = first;
  process.env['HOTLINE__CONNECTIONS__PETS__USERNAME'] = '';
  await follows(made(code), () => (process.env['HOTLINE__CONNECTIONS__PETS__URL'] = second), true);
}

/** Each line, by what somebody has. */
const runs: Record<string, (...codes: string[]) => Promise<void>> = {
  'a `.env` file': (code) => inFile(code, (url) => `DATABASE_URL=${url}\n`),
  'variables of compose or a platform': inVariables,
  'variables that name files (`…_FILE`)': async (code) => {
    await put('url', first);
    process.env['HOTLINE__CONNECTIONS__PETS__URL_FILE'] = join(folder, 'url');
    await follows(made(code), () => put('url', second));
  },
  'a Kubernetes Secret of many keys': async (code) => {
    await publish('etc/secrets', '1', { 'connections/pets/url': first });
    await follows(made(code), () => publish('etc/secrets', '2', { 'connections/pets/url': second }));
  },
  'a Kubernetes Secret that is one TOML file': async (code) => {
    await publish('etc/secrets', '1', { 'secrets.toml': toml(first) });
    await follows(made(code), () => publish('etc/secrets', '2', { 'secrets.toml': toml(second) }));
  },
  'a Kubernetes Secret that is not mounted': async (code) => {
    const server = await playedKubernetes('pets-db', 'secrets.toml');
    const { kubernetesSecret } = await recipe('kubernetes-api');
    const where = { url: `https://${server.url}`, account: server.account };
    const more = { kubernetesSecret: (name: string) => kubernetesSecret!(basename(name), where) };
    server.put('key = "one"');
    await tells(made(code, more), 'key', () => server.put('key = "two"'));
    await server.close();
  },
  'a Kubernetes Secret as variables': inVariables,
  'Docker or Swarm secrets': async (code, name) => {
    await put(join('run/secrets', name), `${first}\n`);
    await follows(made(code), () => put(join('run/secrets', name), `${second}\n`));
  },
  'systemd `LoadCredential=`': async (code) => {
    process.env['CREDENTIALS_DIRECTORY'] = join(folder, 'credentials');
    await put('credentials/connections__pets__url', first);
    await follows(made(code), () => put('credentials/connections__pets__url', second));
  },
  SOPS: async (code) => {
    const command = await playedSops(folder);
    const { sopsFile } = await recipe('sops');
    const more = { sopsFile: (path: string) => sopsFile!(path, { command }) };
    await inFile(code, (url) => Buffer.from(Buffer.from(json(url)).toString('base64')), more);
  },
  'SOPS, for one command': async (code) => {
    await playedSops(folder);
    await writeFile(join(folder, 'hotline'), `#!/bin/sh\nexec "${process.execPath}" "${cli}" "$@"\n`, { mode: 0o755 });
    await put('secrets.enc.yaml', Buffer.from(toml(first).replace('url', 'type = "sql"\nurl')).toString('base64'));
    const PATH = `${folder}:${process.env['PATH']}`;
    const { stdout } = await run('sh', ['-c', code], { cwd: folder, env: { ...process.env, PATH } });
    expect(stdout).toMatch(/pets/);
  },
  age: async (code) => {
    const key = await generateX25519Identity();
    const { ageFile } = await recipe('age');
    const sealed = async (url: string): Promise<Uint8Array> => {
      const encrypter = new Encrypter();
      encrypter.addRecipient(await identityToRecipient(key));
      return encrypter.encrypt(toml(url));
    };
    await inFile(code, sealed, { ageFile: (path: string) => ageFile!(path, { key }) });
  },
  'a YAML file': async (code) =>
    inFile(code, (url) => `connections:\n  pets: # mine\n    url: ${url}\n`, await recipe('yaml')),
  'a JSON5 file': async (code) =>
    inFile(code, (url) => `{ connections: { pets: { url: '${url}', }, }, }`, await recipe('json5')),
  '1Password, Doppler': async (op, doppler, code) => {
    // Both programs start another one with the variables set, which `env` does as well.
    expect([op, doppler]).toEqual(['op run', 'doppler run']);
    const program = `import { createConnections, environmentVariables } from ${JSON.stringify(library)};
      const hot = createConnections({ sources: [${code}] });
      const pets = await hot.connection('pets', { type: 'sql' });
      console.log(await pets.query('select 7 as n'));
      await hot.close();`;
    await put('program.mjs', program);
    const started = [`HOTLINE__CONNECTIONS__PETS__URL=${first}`, process.execPath, join(folder, 'program.mjs')];
    expect((await run('env', started, { cwd: folder })).stdout).toBe('[ { n: 7 } ]\n');
    await inVariables(code);
  },
  'Vault agent, a template on disk': (code) => inFile(code, toml),
  'AWS, Google, Azure': async (code) => {
    expect(code).toBe('polled');
    // Such a source is remote, and may not name a file of this machine as the others here do.
    let key = 'one';
    const { awsSecret } = (await recipe('aws-secrets-manager')) as never as {
      awsSecret: (get: () => Promise<object>, id: string, options: object) => hotline.Source;
    };
    const get = () => Promise.resolve({ SecretString: JSON.stringify({ key }), VersionId: key });
    await tells(awsSecret(get, 'app', { every: 50 }), 'key', () => (key = 'two'));
  },
  'a Snowflake `connections.toml`': async (code) => {
    process.env['SNOWFLAKE_HOME'] = folder;
    await put('connections.toml', '[pets]\naccount = "one"\n');
    const change = () => put('connections.toml', '[pets]\naccount = "two"\n');
    await tells(made(code), 'snowflake.connections.pets.account', change);
  },
};

describe('the table "Where your secrets are"', () => {
  it('has the lines that are run here, and no other', () => {
    expect(lines.map(({ have }) => have)).toEqual(Object.keys(runs));
  });

  it.each(lines)('$have: a change is seen $seen', ({ have, codes }) => runs[have]!(...codes));
});
