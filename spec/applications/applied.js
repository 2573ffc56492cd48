import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { installed, versions } from '../support/installed.js';

/** A new folder with the files of an application, beside its packages and hotline as npm packs it; all of it is in .cache. */
export function applied(name, { packages, ours, files }) {
  const folder = installed(name, { ...packages, ...versions(...ours) });
  const hotline = join(folder, 'node_modules/hotline');
  rmSync(hotline, { recursive: true });
  mkdirSync(hotline);
  const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder]);
  const tarball = join(folder, JSON.parse(packed)[0].filename);
  execFileSync('tar', ['-xzf', tarball, '-C', hotline, '--strip-components=1']);
  rmSync(tarball);
  const application = mkdtempSync(join(folder, 'app-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(application, path)), { recursive: true });
    writeFileSync(join(application, path), text);
  }
  return application;
}
