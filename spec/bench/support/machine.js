import { existsSync, readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';

/** What the figures were taken on, in one line. */
export function machine() {
  const [{ model }, ...others] = cpus();
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return `${1 + others.length} × ${model.trim()}, ${gigabytes} GB, ${type()} ${release().split('-')[0]} ${process.arch}, Node ${process.version}`;
}

/** The installed versions of these packages: `name 1.2.3`. */
export function versionsOf(packages) {
  return packages.map((name) => {
    const places = ['node_modules', '.cache/bench/node_modules'].map((folder) => `${folder}/${name}/package.json`);
    return `${name} ${JSON.parse(readFileSync(places.find(existsSync), 'utf8')).version}`;
  });
}
