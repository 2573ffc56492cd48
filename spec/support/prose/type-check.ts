import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { publicNames } from '../public-names.ts';
import type { Block } from './blocks.ts';

/** Where a name comes from that a fragment uses without saying so. */
const doors: Record<string, readonly string[]> = {
  ...publicNames,
  rxjs: ['filter', 'firstValueFrom', 'map', 'switchMap', 'Observable'],
  'node:http': ['createServer'],
  '@jest/globals': ['describe', 'it', 'expect'],
  '@nestjs/common': ['Controller', 'Get', 'Injectable', 'Module'],
  '@nestjs/terminus': ['HealthCheckService'],
};

/** What the compiler has against the blocks, each with its page and line. Fragments may use what `given.d.ts` declares. */
export async function typeProblems(blocks: readonly Block[]): Promise<string> {
  const folder = resolve('.cache/prose');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const names = blocks.map(({ page, line }) => `${page.replaceAll(/[/.]/g, '-')}-line-${line}.ts`);
  await Promise.all(blocks.map((block, index) => writeFile(join(folder, names[index]!), whole(block))));
  const options = { erasableSyntaxOnly: false, verbatimModuleSyntax: false, experimentalDecorators: true };
  const root = resolve('.');
  const config = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      ...options,
      rootDir: root,
      // The package as it is published.
      paths: {},
    },
    include: [folder, join(root, 'spec/support/prose/given.d.ts')],
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
  return new Promise((found) => {
    const tsc = resolve('node_modules/@typescript/native/bin/tsc');
    execFile(process.execPath, [tsc, '-p', folder], (error, stdout) => found(error ? stdout : ''));
  });
}

/** A block as a module, with the imports that it leaves out. */
function whole({ code }: Block): string {
  const imports = Object.entries(doors).flatMap(([door, names]) => {
    const missing = names.filter((name) => uses(code, name) && !brings(code, name));
    return missing.length > 0 ? `import { ${missing.join(', ')} } from '${door.replace(/^\./, 'hotline')}';` : [];
  });
  return `${imports.join(' ')}export {};\n${code}`;
}

function uses(code: string, name: string): boolean {
  return new RegExp(`(?<![\\w$.'"-])${escaped(name)}(?![\\w$'"-]|:)`).test(code);
}

/** Whether it imports or declares the name itself. */
function brings(code: string, name: string): boolean {
  const here = escaped(name);
  return new RegExp(
    `import[^;]*(?<![\\w$])${here}(?![\\w$])[^;]*from|(?:const|class|function|interface) ${here}(?![\\w$])|const [{[][^=]*(?<![\\w$])${here}(?![\\w$])`,
  ).test(code);
}

function escaped(name: string): string {
  return name.replaceAll('$', '\\$');
}
