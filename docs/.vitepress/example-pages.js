// Makes a page of each example, docs/reference/examples/NAME.md, where the links of the guides lead on the site.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, relative, sep } from 'node:path';

const docs = join(import.meta.dirname, '..');
const target = join(docs, 'reference', 'examples');

rmSync(target, { recursive: true, force: true });
const found = readdirSync(join(docs, 'examples'), { recursive: true, withFileTypes: true });
for (const file of found.filter((entry) => entry.isFile() && /\.(js|ts)$/.test(entry.name))) {
  const name = relative(join(docs, 'examples'), join(file.parentPath, file.name)).replaceAll(sep, '/');
  // Brackets would make a dynamic route of it.
  const page = join(target, name.slice(0, -extname(name).length).replace(/[[\]]/g, '') + '.md');
  mkdirSync(dirname(page), { recursive: true });
  const code = readFileSync(join(docs, 'examples', name), 'utf8');
  writeFileSync(page, `# ${name}\n\n\`\`\`${extname(name).slice(1)}\n${code}\`\`\`\n`);
}
