import { existsSync, readFileSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

// Not imported by name: webpack replaces such calls by a `require` of its own, which finds what is in the bundle alone.
const createRequire: typeof nodeModule.createRequire = Reflect.get(nodeModule, 'createRequire');

/**
 * The `require` that finds a package of the user: beside hotline, beside the bundle that hotline is part of, beside the
 * program, or in the working directory. `undefined` where it is in none of them.
 */
export function requireOf(name: string): NodeJS.Require | undefined {
  return places()
    .map((path) => createRequire(path))
    .find((require) => finds(require, name));
}

/** The `require` that finds the copy of the project itself: from the working directory. */
export function requireOfProject(name: string): NodeJS.Require | undefined {
  const require = createRequire(join(process.cwd(), 'package.json'));
  return finds(require, name) ? require : undefined;
}

/** The `require` of that package itself: finds its peers as it does. `undefined` where it is not installed. */
export function requireBeside(name: string): NodeJS.Require | undefined {
  const path = requireOf(name)?.resolve(name);
  return path === undefined ? undefined : createRequire(path);
}

/** Loads a module of the user by its path, in whatever format it is. */
export async function importFile(path: string): Promise<unknown> {
  // Not written as `import()`: bundlers would look for the file while they bundle.
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the text is ours
  const load = new Function('url', 'return import(url)') as (url: string) => Promise<unknown>;
  try {
    return await load(pathToFileURL(path).href);
  } catch (error) {
    // Test runners that run modules in a context of their own have no `import()` there.
    if (!/^ERR_VM_DYNAMIC_IMPORT/.test(String((error as NodeJS.ErrnoException).code))) throw error;
    return createRequire(path)(path) as unknown;
  }
}

/** The root of the project: the folder of the nearest package.json, from `start` upwards. */
export function projectRoot(start: string): string {
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (folder === dirname(folder)) return resolve(start);
  }
}

function places(): string[] {
  // Bundlers may leave no address of the module, or one of the machine that bundled it.
  const own = import.meta.url as string | undefined;
  const bundle = typeof __filename === 'string' ? __filename : undefined;
  // The first argument is no program under `node -e`.
  return [own, bundle, process.argv[1], join(process.cwd(), 'package.json')].filter(
    (path): path is string => path !== undefined && isPath(path),
  );
}

function isPath(place: string): boolean {
  return isAbsolute(place) || place.startsWith('file:');
}

function finds(require: NodeJS.Require, name: string): boolean {
  try {
    return require.resolve(name) !== '';
  } catch {
    return false;
  }
}

/** The `name` in the package.json of the project that the process was started in; `hotline` where there is none. */
export function nameOfProject(): string {
  try {
    const { name } = JSON.parse(readFileSync(join(projectRoot(process.cwd()), 'package.json'), 'utf8')) as {
      name?: unknown;
    };
    return typeof name === 'string' && name !== '' ? name : 'hotline';
  } catch {
    return 'hotline';
  }
}
