// Makes the front door a few files instead of over two hundred, which are most of what an import of it costs; everything else in the package imports it alone.
import { rmSync } from 'node:fs';
import { build } from 'esbuild';

const { metafile } = await build({
  entryPoints: ['dist/index.js'],
  outdir: 'dist',
  chunkNames: 'core/[name]-[hash]',
  allowOverwrite: true,
  bundle: true,
  splitting: true,
  keepNames: true,
  metafile: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  packages: 'external',
  sourcemap: true,
  sourcesContent: false,
});

// What is in the bundle now is not needed beside it. The declarations stay.
for (const path of Object.keys(metafile.inputs))
  if (!(path in metafile.outputs)) for (const gone of [path, `${path}.map`]) rmSync(gone, { force: true });
