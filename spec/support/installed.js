import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));

/** The versions of dev dependencies. */
export function versions(...names) {
  return Object.fromEntries(names.map((name) => [name, manifest.devDependencies[name]]));
}

/**
 * A folder in .cache with packages that are no dev dependencies, so that `npm install` stays quick, and the built hotline
 * beside them. They are installed once; `prepare` is called after it.
 */
export function installed(name, packages, prepare = () => undefined) {
  const folder = resolve('.cache', name);
  const dependencies = { ...manifest.dependencies, ...packages };
  const text = JSON.stringify({ private: true, dependencies }, undefined, 2);
  const file = resolve(folder, 'package.json');
  mkdirSync(folder, { recursive: true });
  const known = existsSync(resolve(folder, 'node_modules')) && existsSync(file) && readFileSync(file, 'utf8') === text;
  if (!known) {
    writeFileSync(file, text);
    const options = ['--no-audit', '--no-fund', '--no-package-lock', '--legacy-peer-deps', '--silent'];
    execFileSync('npm', ['install', ...options], { cwd: folder, stdio: 'inherit' });
    prepare(folder);
  }
  const own = resolve(folder, 'node_modules/hotline');
  rmSync(own, { recursive: true, force: true });
  mkdirSync(own);
  for (const part of ['dist', 'package.json']) cpSync(part, resolve(own, part), { recursive: true });
  return folder;
}
