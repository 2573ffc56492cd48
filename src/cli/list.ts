import type { HotlineError } from '../index.ts';
import type { CommonOptions, Console, Outlet } from './console.ts';
import { findConnections, loadSecrets, withRegistry } from './connections.ts';
import { exitCode, type ExitCode } from './exit-code.ts';
import { failureOf, tellReason } from './failure.ts';
import { commandLine } from './how-started.ts';
import { policiesIn, settingLines, settingsJson, settingsOf, type ShownSetting } from './settings.ts';
import { visible } from './text.ts';

interface Listed {
  readonly name: string;
  readonly kind: string | undefined;
  readonly settings: readonly ShownSetting[];
  readonly error: HotlineError | undefined;
}

/** Names, kinds, and where each setting comes from; opens nothing. */
export async function list({ out, err }: Console, options: CommonOptions): Promise<ExitCode> {
  const listed = await withRegistry(options, async (hot) => {
    const found = await findConnections(hot);
    const secrets = await loadSecrets(hot);
    return found.map(({ name, handle, error }): Listed => {
      const settings = [...(handle ? settingsOf(handle) : []), ...policiesIn(secrets, name)];
      return { name, kind: handle?.kind, settings, error };
    });
  });
  if (options.json) out.line(settingsJson(listed.map(plainOf)));
  else if (listed.length === 0) err.line(`There are no connections yet. Begin with: ${commandLine('init')}`);
  else for (const [index, one] of listed.entries()) tell(out, one, index > 0);
  return listed.some(({ error }) => error) ? exitCode.failed : exitCode.fine;
}

function plainOf({ name, kind, settings, error }: Listed): object {
  const plain = settings.map(({ path, value, origin }) => ({ path, value, origin }));
  return { name, kind, settings: plain, ...(error && { error: failureOf(error) }) };
}

function tell(out: Outlet, { name, kind, settings, error }: Listed, apart: boolean): void {
  const { bold, cyan, red } = out.colors;
  if (apart) out.line();
  out.line(`${bold(visible(name))}  ${kind ? cyan(kind) : red(error?.code ?? '')}`);
  if (error) tellReason(out, error);
  for (const line of settingLines(settings, out.colors)) out.line(line);
}
