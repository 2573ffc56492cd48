// Makes the source maps in dist lead from line to line: a stack trace needs no columns, and they are most of what a map weighs.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode, encode } from '@jridgewell/sourcemap-codec';

for (const name of readdirSync('dist', { recursive: true })) {
  if (!name.endsWith('.js.map')) continue;
  const path = join('dist', name);
  const { names: _, ...map } = JSON.parse(readFileSync(path, 'utf8'));
  const lines = decode(map.mappings).map(([first]) => (first ? [[0, ...first.slice(1, 3), 0]] : []));
  writeFileSync(path, JSON.stringify({ ...map, names: [], mappings: encode(lines) }));
}
