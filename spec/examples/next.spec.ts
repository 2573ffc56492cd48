import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { build } from 'esbuild';
import { runPackageInChild } from '../support/child.ts';

const manifest = JSON.parse(await readFile('package.json', 'utf8')) as Record<string, Record<string, string>>;
const external = Object.keys({ ...manifest['dependencies'], ...manifest['peerDependencies'] });

/**
 * What the development server of Next.js does to a route when a file is saved, without Next.js itself: the route, and the
 * library with it, is bundled anew and evaluated anew in the same process.
 */
describe('docs/examples/next, evaluated anew by a development server', () => {
  // Inside the project, so that what is not bundled is found.
  const folder = resolve('.cache/next');
  let home: string;
  const rebuild = async (route: string, times: number): Promise<string[]> => {
    const outputs: string[] = [];
    for (let time = 1; time <= times; time++) {
      const outfile = join(folder, `${dirname(route).replaceAll(/\W/g, '-')}-${time}.mjs`);
      const entryPoints = [resolve('docs/examples/next/app', route)];
      const options = { bundle: true, platform: 'node', format: 'esm', logLevel: 'silent' } as const;
      await build({ ...options, entryPoints, outfile, external: [...external, 'knex', 'libsql'] });
      outputs.push(pathToFileURL(outfile).href);
    }
    return outputs;
  };

  beforeAll(async () => {
    await mkdir(folder, { recursive: true });
    home = await mkdtemp(join(tmpdir(), 'hotline-next-'));
    await mkdir(join(home, '.streamlit'));
    const url = `sqlite:///${join(home, 'pets.db')}`;
    await writeFile(join(home, '.streamlit/secrets.toml'), `[connections.pets]\ntype = "sql"\nurl = "${url}"\n`);
  });
  afterAll(() => rm(home, { recursive: true }));

  it('opens the connection once, and its probes see the same registry', async () => {
    const pets = await rebuild('pets/route.js', 3);
    const health = await rebuild('health/[probe]/route.js', 2);
    const { stdout, stderr } = await runPackageInChild(`
      process.chdir(${JSON.stringify(home)});
      const { defaultConnections } = require('hotline');
      const hot = defaultConnections();
      const opened = [];
      hot.events$.subscribe((event) => event.type === 'instance.opening' && opened.push(event.generation));
      await (await hot.connection('pets', { type: 'sql' })).execute("create table pet as select 'Milo' as name");
      const answers = [];
      for (const file of ${JSON.stringify(pets)}) answers.push(await (await (await import(file)).GET()).json());
      const probe = { params: Promise.resolve({ probe: 'ready' }) };
      for (const file of ${JSON.stringify(health)}) {
        const response = await (await import(file)).GET(undefined, probe);
        answers.push([response.status, Object.keys((await response.json()).connections)]);
      }
      await hot.close();
      console.log(JSON.stringify({ opened, answers }));`);
    expect([stderr, JSON.parse(stdout)]).toEqual([
      '',
      {
        opened: [1],
        answers: [[{ name: 'Milo' }], [{ name: 'Milo' }], [{ name: 'Milo' }], [200, ['pets']], [200, ['pets']]],
      },
    ]);
  });
});

describe('docs/examples/next/instrumentation.js', () => {
  const file = pathToFileURL(resolve('docs/examples/next/instrumentation.js')).href;
  const started = async (env: Record<string, string>): Promise<string> => {
    const program = `
      const { register } = await import('${file}');
      const links = [];
      console.log = (line) => links.push(line);
      await register();
      for (const link of links) {
        const { status } = await fetch(link.replace('The board: ', ''), { redirect: 'manual' });
        process.stdout.write('let in: ' + status);
      }
      process.exit();`;
    const args = ['--input-type=module', '--eval', program];
    return (await promisify(execFile)(process.execPath, args, { env: { ...process.env, ...env } })).stdout;
  };

  it('serves the board of the default registry where Next runs Node, and nowhere else', async () => {
    const development = { NODE_ENV: 'development' };
    expect(await started({ ...development, NEXT_RUNTIME: 'nodejs' })).toBe('let in: 303');
    expect(await started({ ...development, NEXT_RUNTIME: 'edge' })).toBe('');
    expect(await started({ NODE_ENV: 'production', NEXT_RUNTIME: 'nodejs' })).toBe('');
  });
});
