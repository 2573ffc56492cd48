import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { concatMap, debounceTime, distinctUntilChanged, from, fromEvent, lastValueFrom, map, takeUntil } from 'rxjs';
import type { CommonOptions, Console } from './console.ts';
import { exitCode, type ExitCode } from './exit-code.ts';
import { Misuse } from './misuse.ts';
import { declaration, type NamedKind } from './names/declaration.ts';
import { namedKinds } from './names/named-kinds.ts';
import { projectRoot } from './names/project-root.ts';
import { place } from './output/place.ts';
import { visible } from './output/visible.ts';
import { withRegistry } from './registry.ts';
import { loadSecrets } from './secrets.ts';

/** What `hotline types` may be told besides. */
export interface DeclareNamesOptions extends CommonOptions {
  readonly out?: string;
  readonly watch?: boolean;
}

/** A declaration file with the name and the kind of each connection in the secrets; no value is in it. */
export async function declareNames(console: Console, options: DeclareNamesOptions): Promise<ExitCode> {
  const { out, err, signal } = console;
  const file = options.out === undefined ? undefined : resolve(options.out);
  if (options.watch && file === undefined) throw new Misuse('--watch needs a file to write: --out FILE');
  const root = projectRoot(process.cwd());
  const folder = file === undefined ? root : dirname(file);
  const publish = async (kinds: readonly NamedKind[]): Promise<void> => {
    tellUnknown(console, kinds);
    const text = declaration(kinds, { root, folder });
    if (file === undefined) out.write(text);
    else if (await writeIfNew(file, text)) err.line(`${place(file)}: ${plural(kinds.length)}`);
    else err.line(`${place(file)}: ${plural(kinds.length)}, as before`);
  };
  await withRegistry(options, async (hot) => {
    const secrets = await loadSecrets(hot);
    if (!options.watch) return publish(namedKinds(secrets));
    const hold = setInterval(() => undefined, 1 << 30);
    const kinds$ = hot.secrets$.pipe(
      map(namedKinds),
      distinctUntilChanged((before, after) => JSON.stringify(before) === JSON.stringify(after)),
      debounceTime(20),
      concatMap((kinds) => from(publish(kinds))),
      takeUntil(fromEvent(signal, 'abort')),
    );
    await lastValueFrom(kinds$, { defaultValue: undefined }).finally(() => clearInterval(hold));
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
