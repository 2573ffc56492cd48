// The licences of everything that comes with hotline, from npm's own bill of materials. One that is not permissive ends it with an error.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const permissive = [
  'MIT',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'Unlicense',
];

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const { name, version, dependencies, peerDependencies, peerDependenciesMeta, devDependencies } = manifest;
// Copied into dist for the page of the board.
const carried = { 'lit-html': devDependencies['lit-html'] };

// A project with nothing else in it: what our own tools bring is not what users get.
const directory = mkdtempSync(join(tmpdir(), 'hotline-licences-'));
try {
  const mine = { name, version, dependencies: { ...dependencies, ...carried }, peerDependencies, peerDependenciesMeta };
  writeFileSync(join(directory, 'package.json'), JSON.stringify(mine));
  npm('install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--silent');
  const { components } = JSON.parse(npm('sbom', '--sbom-format', 'cyclonedx'));
  const rows = components.map((one) => ({ name: `${one.name} ${one.version}`, licence: licenceOf(one) }));
  for (const licence of new Set(rows.map((row) => row.licence).sort())) {
    const names = rows.filter((row) => row.licence === licence).map((row) => row.name);
    console.log(`${licence}: ${names.join(', ')}`);
  }
  const asked = Object.keys(mine.dependencies).filter((name) => !components.some((one) => one.name === name));
  const refused = rows.filter(({ licence }) => !isPermissive(licence));
  for (const { name, licence } of refused)
    console.error(`licences: ${name} is under ${licence}; permissive are ${permissive.join(', ')}`);
  for (const name of asked) console.error(`licences: ${name} is not in the bill of materials`);
  process.exitCode = refused.length + asked.length > 0 ? 1 : 0;
} finally {
  rmSync(directory, { recursive: true, force: true });
}

function npm(...args) {
  return execFileSync('npm', args, { cwd: directory, encoding: 'utf8', shell: process.platform === 'win32' });
}

function licenceOf({ licenses = [] }) {
  return (
    licenses.map(({ expression, license }) => expression ?? license.id ?? license.name).join(' AND ') || 'no licence'
  );
}

/** Of alternatives one is enough; of parts every one must be. */
function isPermissive(expression) {
  const bare = expression.replace(/[()]/g, '');
  const every = (part) => part.split(' AND ').every((id) => permissive.includes(id.trim()));
  return bare.split(' OR ').some(every);
}
