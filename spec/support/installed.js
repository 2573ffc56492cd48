import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));

/** The versions of dev dependencies. */
export function versions(...names) {
  return Object.fromEntries(names.map((name) => [name, manifest.devDependencies[name]]));
}

/** A folder in .cache with packages that are no dev dependencies, so that `npm install` stays quick: installed once, then `prepare` is called. */
export function folderWith(name, packages, prepare = () => undefined) {
  const folder = resolve('.cache', name);
  const text = JSON.stringify({ private: true, dependencies: packages }, undefined, 2);
  const file = resolve(folder, 'package.json');
  mkdirSync(folder, { recursive: true });
  const known = existsSync(resolve(folder, 'node_modules')) && existsSync(file) && readFileSync(file, 'utf8') === text;
  if (!known) {
    writeFileSync(file, text);
    const options = ['--no-audit', '--no-fund', '--no-package-lock', '--legacy-peer-deps', '--silent'];
    execFileSync('npm', ['install', ...options], {
      cwd: folder,
      stdio: 'inherit',
      shell: process.platform === 'win32',
    });
    prepare(folder);
  }
  return folder;
}

/** The same with the built hotline beside them. */
export function installed(name, packages, prepare) {
  const folder = folderWith(name, { ...manifest.dependencies, ...packages }, prepare);
  const own = resolve(folder, 'node_modules/hotline');
  rmSync(own, { recursive: true, force: true });
  mkdirSync(own);
  for (const part of ['dist', 'package.json']) cpSync(part, resolve(own, part), { recursive: true });
  return folder;
}
