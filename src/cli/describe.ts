import type { BaseConnection, Secrets, Settings } from '../index.ts';
import type { CommonOptions, Console } from './console.ts';
import { findConnection } from './connection.ts';
import { exitCode, type ExitCode } from './exit-code.ts';
import { columns } from './output/columns.ts';
import { place } from './output/place.ts';
import { settingText } from './output/setting-text.ts';
import { visible } from './output/visible.ts';
import { policyOf, writtenPolicy } from './policies.ts';
import { withRegistry } from './registry.ts';
import { loadSecrets } from './secrets.ts';

interface Line {
  readonly path: string;
  readonly value: unknown;
  readonly origin: string;
  readonly meaning?: string | undefined;
}

/** One connection: its settings, where each comes from and what it means, and how the connection is kept. */
export async function describe({ out }: Console, name: string, { json, ...options }: CommonOptions): Promise<ExitCode> {
  const { kind, settings, policies } = await withRegistry(options, async (hot) => {
    const handle = await findConnection(hot, name);
    return {
      kind: handle.kind,
      settings: settingsOf(handle),
      policies: policiesIn(await loadSecrets(hot), handle.name),
    };
  });
  if (json) out.line(JSON.stringify({ name, kind, settings, policies }, undefined, 2));
  else {
    const { bold, cyan } = out.colors;
    out.line(`${bold(visible(name))}  ${cyan(kind)}`);
    tell('Settings', settings);
    tell('How it is kept', policies);
  }
  return exitCode.fine;

  function tell(title: string, lines: readonly Line[]): void {
    if (lines.length === 0) return;
    const { bold, dim } = out.colors;
    out.line();
    out.line(bold(title));
    const rows = lines.map(({ path, value, origin }) => [
      visible(path),
      settingText(value, out.colors),
      dim(place(origin)),
    ]);
    columns(rows, '  ').forEach((line, index) => {
      out.line(line);
      const { meaning } = lines[index]!;
      if (meaning) out.line(dim(`    ${meaning}`));
    });
  }
}

function settingsOf(handle: BaseConnection<unknown>): Line[] {
  const { settings: known = {} } = handle.constructor as { readonly settings?: Settings };
  return handle.describe().settings.map((setting) => ({
    ...setting,
    meaning: (known[setting.path] ?? known[setting.path.split('.')[0]!])?.description,
  }));
}

function policiesIn(secrets: Secrets, name: string): Line[] {
  return secrets.keys(['connections', name]).flatMap((key) => {
    const policy = policyOf(key);
    const path = ['connections', name, key];
    const value = writtenPolicy(secrets.reveal(path));
    return policy ? [{ path: key, value, origin: secrets.origin(path) ?? '', meaning: policy.description }] : [];
  });
}
