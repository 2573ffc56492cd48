import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, relative, resolve, sep } from 'node:path';
import { concatMap, debounceTime, distinctUntilChanged, from, fromEvent, lastValueFrom, map, takeUntil } from 'rxjs';
import type { Secrets } from '../index.ts';
import { projectRoot } from '../packages/index.ts';
import { loadSecrets, withRegistry } from './connections.ts';
import type { CommonOptions, Console } from './console.ts';
import { exitCode, Misuse, type ExitCode } from './exit-code.ts';
import { property, quoted, secretTypes, type SecretType } from './secret-types.ts';
import { displayPath, visible } from './text.ts';

/** Options of `hotline types`. */
export interface DeclareNamesOptions extends CommonOptions {
  readonly out?: string;
  readonly watch?: boolean;
}

/** A declaration file with the name and the kind of each connection, and the path and the type of each other secret; no value is in it. */
export async function declareNames(console: Console, options: DeclareNamesOptions): Promise<ExitCode> {
  const { out, err, signal } = console;
  const file = options.out === undefined ? undefined : resolve(options.out);
  if (options.watch && file === undefined) throw new Misuse('--watch needs a file to write: --out FILE');
  const root = projectRoot(process.cwd());
  const folder = file === undefined ? root : dirname(file);
  const publish = async ({ kinds, types }: Declared): Promise<void> => {
    tellUnknown(console, kinds);
    const text = declaration(kinds, { root, folder }, types);
    if (file === undefined) out.write(text);
    else if (await writeIfNew(file, text)) err.line(`${displayPath(file)}: ${plural(kinds.length)}`);
    else err.line(`${displayPath(file)}: ${plural(kinds.length)}, as before`);
  };
  await withRegistry(options, async (hot) => {
    const secrets = await loadSecrets(hot);
    if (!options.watch) return publish(declared(secrets));
    const bad = hot.events$.subscribe((event) => {
      if (event.type !== 'source.failed' && event.type !== 'source.missing') return;
      if (event.error) err.line(`${err.colors.yellow('!')} ${visible(event.error.message)}`);
    });
    const hold = setInterval(() => undefined, 1 << 30);
    const declared$ = hot.secrets$.pipe(
      map(declared),
      distinctUntilChanged((before, after) => JSON.stringify(before) === JSON.stringify(after)),
      debounceTime(20),
      concatMap((now) => from(publish(now))),
      takeUntil(fromEvent(signal, 'abort')),
    );
    await lastValueFrom(declared$, { defaultValue: undefined }).finally(() => {
      bad.unsubscribe();
      clearInterval(hold);
    });
  });
  return exitCode.fine;
}

/** Beside it and then renamed, so that a compiler that watches never sees half of it. */
async function writeIfNew(file: string, text: string): Promise<boolean> {
  if ((await readFile(file, 'utf8').catch(() => undefined)) === text) return false;
  await mkdir(dirname(file), { recursive: true });
  const making = `${file}.${process.pid}.tmp`;
  await writeFile(making, text);
  await rename(making, file);
  return true;
}

function tellUnknown({ err }: Console, kinds: readonly NamedKind[]): void {
  for (const { name, kind } of kinds)
    if (kind === undefined)
      err.line(
        `${err.colors.yellow('!')} ${visible(name)}: its type is no short name of hotline and no module path; it is declared as any kind of connection.`,
      );
}

function plural(count: number): string {
  return `${count} name${count === 1 ? '' : 's'}`;
}

/** A class by the module that exports it, as `type` writes it. */
export interface Kind {
  readonly module: string;
  readonly export: string;
}

/** A name, and its kind where it is known. */
export interface NamedKind {
  readonly name: string;
  readonly kind: Kind | undefined;
}

export interface Places {
  /** The folder at which module paths start. */
  readonly root: string;
  /** The folder of the declaration file. */
  readonly folder: string;
}

/** The content of a declaration file. */
interface Declared {
  readonly kinds: readonly NamedKind[];
  readonly types: readonly SecretType[];
}

function declared(secrets: Secrets): Declared {
  return { kinds: namedKinds(secrets), types: secretTypes(secrets) };
}

/** The text of a declaration file that says which names there are, and of what kind, and which secrets, of what type. */
export function declaration(kinds: readonly NamedKind[], places: Places, types: readonly SecretType[] = []): string {
  const first = [
    ...new Set(kinds.map(({ kind }) => (kind ? ownClass(kind) : 'BaseConnection')).filter((name) => name)),
  ];
  const lines = kinds.map(({ name, kind }) => `    ${property(name)}: ${typeOf(kind, places)};`);
  return [
    '// Made by `hotline types` from the names and kinds in the secrets. Run it again instead of editing this.',
    first.length > 0 ? `import type { ${first.sort().join(', ')} } from 'hotline';` : 'export {};',
    '',
    "declare module 'hotline' {",
    '  interface Connections {',
    ...lines,
    '  }',
    ...(types.length > 0 ? ['  interface SecretTypes {'] : []),
    ...types.map(({ path, type }) => `    ${property(path)}: ${type};`),
    ...(types.length > 0 ? ['  }'] : []),
    '}',
    '',
  ].join('\n');
}

function typeOf(kind: Kind | undefined, places: Places): string {
  if (!kind) return 'BaseConnection<unknown>';
  const own = ownClass(kind);
  if (own) return own;
  return `import(${quoted(specifier(kind.module, places))}).${kind.export}`;
}

function ownClass({ module, export: name }: Kind): string | undefined {
  return module === 'hotline' ? name : undefined;
}

/** A path from the project's root, as the declaration file has to write it; a TypeScript file by its JavaScript name. */
function specifier(module: string, { root, folder }: Places): string {
  if (!/^\.{0,2}[/\\]/.test(module)) return module;
  const path = relative(folder, resolve(root, module)).split(sep).join('/');
  const from = path.startsWith('.') ? path : `./${path}`;
  return from.replace(/(?<!\.d)\.([cm]?)tsx?$/, '.$1js');
}

/** The classes behind hotline's own short names. */
const classes: Readonly<Record<string, string>> = { sql: 'SqlConnection', snowflake: 'SnowflakeConnection' };

/** The names in the secrets with their kinds, in the order of their names. Nothing else of them is looked at. */
export function namedKinds(secrets: Secrets): NamedKind[] {
  const names = [...secrets.keys('connections')].sort();
  return names.map((name) => {
    const type = secrets.get(['connections', name, 'type']) ?? name;
    return { name, kind: typeof type === 'string' ? kindOf(type) : undefined };
  });
}

function kindOf(type: string): Kind | undefined {
  if (Object.hasOwn(classes, type)) return { module: 'hotline', export: classes[type]! };
  const [, module, name] = /^([^#\s'"`]+)#([\p{ID_Start}$_][\p{ID_Continue}$]*)$/u.exec(type) ?? [];
  return module !== undefined && name !== undefined ? { module, export: name } : undefined;
}
