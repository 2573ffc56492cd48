import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Imports a TypeScript file of the specs (`spec/support/postgres.ts`), which Node 20 cannot by itself. */
export async function importTypeScript(file) {
  const directory = join(root, '.cache');
  mkdirSync(directory, { recursive: true });
  const outfile = join(directory, `${basename(file, '.ts')}.${process.pid}.mjs`);
  await build({
    entryPoints: [join(root, file)],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
  });
  return import(pathToFileURL(outfile).href);
}
