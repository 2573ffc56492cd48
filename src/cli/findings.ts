import { stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { isAbsolute } from 'node:path';
import { firstValueFrom } from 'rxjs';
import { fileWarnings, type ConnectionRegistry, type SourceStatus } from '../index.ts';
import type { Checked } from './checking.ts';
import { cureOf, isUnreachable } from './cure.ts';
import { reasonOf } from './failure.ts';
import { elapsed } from './output/elapsed.ts';
import { place } from './output/place.ts';

/** Something that the doctor looked at. */
export interface Finding {
  readonly level: 'fine' | 'warning' | 'problem';
  /** What kind of finding it is, for programs. */
  readonly code: string;
  /** The file, connection or program that it is about. */
  readonly about: string;
  readonly what: string;
  readonly cure?: string;
}

/** Whether this Node.js is one that hotline runs on. */
export function nodeFinding(version: string = process.versions.node): Finding {
  const { engines } = createRequire(import.meta.url)('../../package.json') as { engines: { node: string } };
  const wanted = engines.node.replace(/[^\d.]/g, '');
  const about = `Node.js ${version}`;
  if (wanted.localeCompare(version, undefined, { numeric: true }) <= 0)
    return { level: 'fine', code: 'node', about, what: `is ${wanted} or later` };
  return {
    level: 'problem',
    code: 'node_too_old',
    about,
    what: `is older than ${wanted}, which hotline needs.`,
    cure: `Install Node.js ${wanted} or later.`,
  };
}

/** What is said of each source, and of its file: who may read it, what git does with it. */
export async function sourceFindings(hot: ConnectionRegistry): Promise<Finding[]> {
  const sources = await firstValueFrom(hot.sources$);
  const findings = await Promise.all(sources.map(async (source) => [sourceFinding(source), ...(await ofFile(source))]));
  if (sources.some(({ state }) => state !== 'missing')) return findings.flat();
  const cure = 'Begin with: hotline init';
  return [
    ...findings.flat(),
    { level: 'warning', code: 'no_secrets', about: 'secrets', what: 'There are none.', cure },
  ];
}

function sourceFinding({ label, state, error }: SourceStatus): Finding {
  const about = place(label);
  if (error) return { level: 'problem', code: error.code, about, what: error.message };
  if (state === 'missing') return { level: 'fine', code: 'source', about, what: 'is not there, and need not be' };
  return { level: 'fine', code: 'source', about, what: 'is in use' };
}

async function ofFile({ label, state }: SourceStatus): Promise<Finding[]> {
  if (state === 'missing' || !isAbsolute(label) || !(await stat(label)).isFile()) return [];
  return (await fileWarnings(label)).map(({ code, message }) => {
    const [what, cure] = message.split(/ (?=Run: |Add it )/);
    const level = code === 'not_ignored_by_git' ? 'warning' : 'problem';
    return { level, code, about: place(label), what: what ?? '', ...(cure && { cure }) };
  });
}

/** How it went with a connection. */
export function connectionFinding({ name, error, opened, ping = 0 }: Checked): Finding {
  if (!error) {
    const what = `opened in ${elapsed(opened)}, ping ${elapsed(ping)}`;
    return { level: 'fine', code: 'connection', about: name, what };
  }
  const cure = cureOf(error);
  const code = isUnreachable(error) ? 'unreachable' : error.code;
  return { level: 'problem', code, about: name, what: reasonOf(error), ...(cure && { cure }) };
}

/** What the kind of a connection says about its settings. */
export function kindFinding({ code, connection, message }: KindWarning): Finding {
  return { level: 'warning', code, about: connection ?? '', what: message.replace(`"${connection}": `, '') };
}

interface KindWarning {
  readonly code: string;
  readonly connection?: string;
  readonly message: string;
}
