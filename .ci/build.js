// Makes the package in dist:
// - declarations, which TypeScript reads as CommonJS, and `.d.mts` that re-export them for ES modules;
// - CommonJS, one file a door: what Node.js runs, for `require` and, through an `.mjs` that re-exports it, for `import`.
//   So one process has one hotline, however it is loaded, and tools that know CommonJS alone (Jest) need no configuration;
// - ES modules in dist/esm, for bundlers only (the condition `module`).
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, posix, resolve } from 'node:path';
import { build } from 'esbuild';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const doors = Object.keys(manifest.exports)
  .filter((door) => door !== './package.json')
  .map((door) => posix.join(door, 'index'));
const entries = [...doors, 'cli/main'];

rmSync('dist', { recursive: true, force: true });
tsc('-p', 'tsconfig.build.json');
writeFileSync('dist/package.json', '{ "type": "commonjs" }\n');
withoutOptionalPeers();

const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
};

// Packages that have no CommonJS form of their own are part of ours.
const esmOnly = ['chokidar', 'readdirp', 'smol-toml', 'import-meta-resolve', 'string-width', 'strip-ansi'];
const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
for (const entry of entries)
  await build({
    ...common,
    entryPoints: [`src/${entry}.ts`],
    outfile: `dist/${entry}.js`,
    format: 'cjs',
    external: declared.filter((name) => !esmOnly.includes(name)).flatMap((name) => [name, `${name}/*`]),
    // `import()` of a package is `require`, which also Jest's modules have; `import()` of a file of the user stays.
    supported: { 'dynamic-import': false },
    define: { 'import.meta.url': 'hotline_url' },
    banner: { js: "const hotline_url = require('node:url').pathToFileURL(__filename).href;" },
    plugins: [otherDoors(entry)],
  });

await build({
  ...common,
  entryPoints: doors.map((door) => ({ in: `src/${door}.ts`, out: door })),
  outdir: 'dist/esm',
  outExtension: { '.js': '.mjs' },
  chunkNames: 'core/[name]-[hash]',
  format: 'esm',
  splitting: true,
  packages: 'external',
  minifyWhitespace: true,
});

const require = createRequire(resolve('dist/index.js'));
for (const door of doors) {
  const loaded = require(resolve('dist', `${door}.js`));
  const names = Object.keys(loaded);
  // A class that esbuild had to rename would tell users another name than its own.
  for (const name of names)
    if (/^class\b/.test(String(loaded[name])) && loaded[name].name !== name)
      throw new Error(`${door}: the class ${name} is called ${loaded[name].name} in the bundle`);
  writeFileSync(`dist/${door}.mjs`, `import door from './index.js';\nexport const { ${names.join(', ')} } = door;\n`);
  writeFileSync(`dist/${door}.d.mts`, "export * from './index.js';\n");
}

tsc('-p', 'src/devtools/page/tsconfig.json');
execFileSync(process.execPath, ['src/devtools/page/copy.js'], { stdio: 'inherit' });

function tsc(...args) {
  execFileSync(process.execPath, [resolve('node_modules/@typescript/native/bin/tsc'), ...args], { stdio: 'inherit' });
}

/** A door loads another one as its users do, instead of having a copy of it. */
function otherDoors(entry) {
  return {
    name: 'other doors',
    setup({ onResolve }) {
      onResolve({ filter: /^\.\.?\/.*index\.ts$/ }, ({ path, importer }) => {
        const target = posix.relative(resolve('src'), join(dirname(importer), path)).replace(/\.ts$/, '');
        if (target === entry || !doors.includes(target)) return undefined;
        const from = posix.relative(dirname(entry), target);
        return { path: from.startsWith('.') ? `${from}.js` : `./${from}.js`, external: true };
      });
    },
  };
}

/** Has the declarations compile where an optional peer is not installed: its types are `any` there. */
function withoutOptionalPeers() {
  const optional = Object.keys(manifest.peerDependenciesMeta);
  const peer = `'(?:${optional.join('|')})(?:/[^']*)?'`;
  const from = new RegExp(`^(?:(?:import|export) .* from ${peer};|.*import\\(${peer}\\).*)$`, 'gm');
  for (const name of readdirSync('dist', { recursive: true })) {
    if (!name.endsWith('.d.ts')) continue;
    const path = join('dist', name);
    const text = readFileSync(path, 'utf8');
    const mended = text.replace(from, '// @ts-ignore an optional peer, which need not be installed\n$&');
    if (mended !== text) writeFileSync(path, mended);
  }
}
