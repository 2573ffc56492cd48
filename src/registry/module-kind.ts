import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ConfigError } from '../errors/index.ts';
import { importFile } from '../packages/index.ts';

/** Where the project is: the folder of the nearest package.json, from `start` upwards. */
export function projectRoot(start: string): string {
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (folder === dirname(folder)) return resolve(start);
  }
}

/**
 * What `'<module>#<Export>'` names. Relative modules start at the project's root and may not leave it; all others are
 * packages of the project.
 *
 * @throws ConfigError `invalid_module`.
 */
export async function moduleExport(path: string, root: string, connection: string): Promise<unknown> {
  const refuse = (why: string, cause?: unknown): never => {
    throw new ConfigError('invalid_module', `"${connection}": type "${path}" ${why}`, { connection, cause });
  };
  const [specifier = '', name = ''] = path.split('#');
  if (!specifier || !name) return refuse('must read "<module>#<Export>".');
  const url = await locate(specifier, root).catch((cause: unknown) =>
    refuse(`does not resolve from ${root}. Correct the path, or install the package.`, cause),
  );
  const file = url.startsWith('file:') ? url : refuse('is not a module of the project.');
  let inside: boolean;
  try {
    inside = belongs(fileURLToPath(file), root);
  } catch (cause) {
    return refuse(`does not resolve from ${root}. Correct the path, or install the package.`, cause);
  }
  if (!inside) refuse(`leaves the project (${root}). Use a module inside it, or a package.`);
  const module = (await importFile(fileURLToPath(file)).catch((cause: unknown) =>
    refuse('could not be loaded; see cause.', cause),
  )) as Record<string, unknown>;
  return name in module ? module[name] : refuse(`has no export "${name}"; it has ${Object.keys(module).join(', ')}.`);
}

async function locate(specifier: string, root: string): Promise<string> {
  if (specifier.startsWith('.') || specifier.startsWith('/'))
    return pathToFileURL(realpathSync(resolve(root, specifier))).href;
  const { resolve: resolveImport } = await import('import-meta-resolve');
  return resolveImport(specifier, pathToFileURL(join(root, 'package.json')).href);
}

/** Inside the project, or in a node_modules of it or above it (a hoisted package). */
function belongs(file: string, root: string): boolean {
  const path = relative(realpathSync(root), realpathSync(file));
  return !path.startsWith(`..${sep}`) || file.includes(`${sep}node_modules${sep}`);
}
