import type { CommonOptions, Console } from './console.ts';
import { findConnection, loadSecrets, withRegistry } from './connections.ts';
import { exitCode, type ExitCode } from './exit-code.ts';
import { policiesIn, settingLines, settingsJson, settingsOf, type ShownSetting } from './settings.ts';
import { visible, wrapped } from './text.ts';

/** One connection: its settings, where each comes from and what it means, and how the connection is kept. */
export async function describe({ out }: Console, name: string, { json, ...options }: CommonOptions): Promise<ExitCode> {
  const { kind, settings, policies } = await withRegistry(options, async (hot) => {
    const handle = await findConnection(hot, name);
    const kept = policiesIn(await loadSecrets(hot), handle.name);
    return { kind: handle.kind, settings: settingsOf(handle), policies: kept };
  });
  if (json) out.line(settingsJson({ name, kind, settings, policies }));
  else {
    const { bold, cyan } = out.colors;
    out.line(`${bold(visible(name))}  ${cyan(kind)}`);
    tell('Settings', settings);
    tell('How it is kept', policies);
  }
  return exitCode.fine;

  function tell(title: string, settings: readonly ShownSetting[]): void {
    if (settings.length === 0) return;
    const { bold, dim } = out.colors;
    out.line(`\n${bold(title)}`);
    for (const [index, line] of settingLines(settings, out.colors).entries()) {
      out.line(line);
      const { meaning } = settings[index]!;
      if (meaning) for (const part of wrapped(meaning, out.columns, '    ')) out.line(dim(part));
    }
  }
}
