import type { CommonOptions, Console } from './console.ts';
import { findConnections, type Found } from './connection.ts';
import { exitCode, type ExitCode } from './exit-code.ts';
import { failureOf } from './failure.ts';
import { columns } from './output/columns.ts';
import type { Outlet } from './output/outlet.ts';
import { place } from './output/place.ts';
import { settingText } from './output/setting-text.ts';
import { visible } from './output/visible.ts';
import { withRegistry } from './registry.ts';

/** Names, kinds, and where each setting comes from; opens nothing. */
export async function list({ out, err }: Console, options: CommonOptions): Promise<ExitCode> {
  const found = await withRegistry(options, async (hot) => (await findConnections(hot)).map(shownOf));
  if (options.json) out.line(JSON.stringify(found.map(plainOf), undefined, 2));
  else if (found.length === 0) err.line('There are no connections yet. Begin with: hotline init');
  else for (const [index, one] of found.entries()) tell(out, one, index > 0);
  return found.some(({ error }) => error) ? exitCode.failed : exitCode.fine;
}

/** All that is shown, looked up while the registry is open. */
export interface Listed extends Pick<Found, 'name' | 'error'> {
  readonly kind?: string;
  readonly settings?: readonly { readonly path: string; readonly value: unknown; readonly origin: string }[];
}

function shownOf({ name, handle, error }: Found): Listed {
  const described = handle?.describe();
  return { name, ...(described && { kind: described.kind, settings: described.settings }), ...(error && { error }) };
}

function plainOf({ error, ...listed }: Listed): object {
  return { ...listed, ...(error && { error: failureOf(error) }) };
}

function tell(out: Outlet, { name, kind, settings = [], error }: Listed, apart: boolean): void {
  const { bold, dim, red, cyan } = out.colors;
  if (apart) out.line();
  out.line(`${bold(visible(name))}  ${kind ? cyan(kind) : red(error?.code ?? 'unknown')}`);
  if (error) return out.line(`  ${visible(error.message)}`);
  const rows = settings.map(({ path, value, origin }) => [
    visible(path),
    settingText(value, out.colors),
    dim(place(origin)),
  ]);
  for (const line of columns(rows, '  ')) out.line(line);
}
