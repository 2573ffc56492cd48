import { stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { isAbsolute } from 'node:path';
import { firstValueFrom } from 'rxjs';
import {
  fileWarnings,
  HotlineError,
  type ConnectionEvent,
  type ConnectionRegistry,
  type Secrets,
  type SourceStatus,
} from '../index.ts';
import { checkConnection, once, Spinners, type Checked } from './check.ts';
import { findConnections, loadSecrets, misplaced, misplacedSections, withRegistry } from './connections.ts';
import type { CommonOptions, Console } from './console.ts';
import { exitCode, type ExitCode } from './exit-code.ts';
import { cureOf, isUnreachable, reasonOf, tellCure } from './failure.ts';
import { commandLine } from './how-started.ts';
import { elapsed, displayPath, visible, wrapped } from './text.ts';

/** The findings about this machine, the secrets files and the connections, each with advice. */
export async function doctor(console: Console, options: CommonOptions): Promise<ExitCode> {
  const { out, err } = console;
  const spinner = new Spinners(err, new Map([['all', 'Looking at files, settings, drivers and hosts']]));
  const findings = await withRegistry(options, (hot) => examine(hot, console.signal), once).finally(() =>
    spinner.end(),
  );
  if (options.json) out.line(JSON.stringify(findings, undefined, 2));
  else for (const finding of findings) tell(console, finding);
  if (console.signal.aborted) return exitCode.failed;
  const count = (level: Finding['level']): number => findings.filter((finding) => finding.level === level).length;
  const [problems, warnings] = [count('problem'), count('warning')];
  const said = [plural(problems, 'problem'), plural(warnings, 'warning')].join(', ');
  err.line(problems + warnings > 0 ? `\n${said}.` : '\nAll is well.');
  return problems > 0 ? exitCode.failed : exitCode.fine;
}

async function examine(hot: ConnectionRegistry, signal: AbortSignal): Promise<Finding[]> {
  const warnings: (ConnectionEvent & { readonly type: 'warning' })[] = [];
  hot.events$.subscribe((event) => event.type === 'warning' && warnings.push(event));
  const findings: Finding[] = [nodeFinding()];
  try {
    const found = await findConnections(hot);
    findings.push(...(await sourceFindings(hot)));
    findings.push(...missing(await loadSecrets(hot)));
    const checked = await Promise.all(found.map((one) => checkConnection(hot, one, signal)));
    for (const one of checked) {
      findings.push(connectionFinding(one));
      const unknown = warnings.filter((event) => 'connection' in event && event.connection === one.name);
      findings.push(...unknown.map(kindFinding));
    }
    for (const finding of warnings.flatMap(sourceWarning))
      if (!findings.some(({ code, what }) => code === finding.code && what === finding.what)) findings.push(finding);
  } catch (error) {
    if (!(error instanceof HotlineError)) throw error;
    findings.push(...(await sourceFindings(hot)));
    if (!findings.some((finding) => finding.code === error.code))
      findings.push({ level: 'problem', code: error.code, about: 'secrets', what: error.message });
  }
  return findings;
}

function tell({ out }: Console, { level, about, what, cure }: Finding): void {
  const { bold, dim, green, red, yellow } = out.colors;
  const mark = { fine: green('✓'), warning: yellow('!'), problem: red('✗') }[level];
  if (level === 'fine') return out.line(`${mark} ${bold(visible(about))}  ${dim(visible(what))}`);
  out.line(`${mark} ${bold(visible(about))}`);
  for (const line of wrapped(visible(what), out.columns, '  ')) out.line(line);
  tellCure(out, cure, '  ');
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Something that the doctor looked at. */
export interface Finding {
  readonly level: 'fine' | 'warning' | 'problem';
  /** The kind of finding, for programs. */
  readonly code: string;
  /** The file, connection or program that it is about. */
  readonly about: string;
  readonly what: string;
  readonly cure?: string;
}

/** Tells whether this Node.js is one that hotline runs on. */
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

/** The findings about each source, and about its file: who may read it, and whether git tracks it. */
export async function sourceFindings(hot: ConnectionRegistry): Promise<Finding[]> {
  const sources = await firstValueFrom(hot.sources$);
  const findings = await Promise.all(sources.map(async (source) => [sourceFinding(source), ...(await ofFile(source))]));
  if (sources.some(({ state }) => state !== 'missing')) return findings.flat();
  const cure = `Begin with: ${commandLine('init')}`;
  return [
    ...findings.flat(),
    { level: 'warning', code: 'no_secrets', about: 'secrets', what: 'There are none.', cure },
  ];
}

function sourceFinding({ label, state, error }: SourceStatus): Finding {
  const about = displayPath(label);
  if (error) return { level: 'problem', code: error.code, about, what: error.message };
  if (state === 'missing') return { level: 'fine', code: 'source', about, what: 'is not there, and need not be' };
  return { level: 'fine', code: 'source', about, what: 'is in use' };
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}

/** The findings about connections that are not there: tables in a place where none is read, or none at all. */
function missing(secrets: Secrets): Finding[] {
  const found = misplacedSections(secrets).map((path): Finding => ({
    level: 'problem',
    code: 'misplaced_section',
    about: path,
    ...misplaced(path),
  }));
  if (secrets.keys('connections').length > 0) return found;
  const cure = `Begin with: ${commandLine('init')}`;
  return [...found, { level: 'problem', code: 'no_connections', about: 'connections', what: 'There are none.', cure }];
}

/** The finding about what a source holds or how it is followed; `ofFile` has looked at the file itself, and may have found the same. */
function sourceWarning(event: ConnectionEvent): Finding[] {
  const source = event.type === 'warning' && 'source' in event ? event.source : undefined;
  return source === undefined ? [] : [fileFinding(source, event as { code: string; message: string })];
}

async function ofFile({ label, state }: SourceStatus): Promise<Finding[]> {
  if (state === 'missing' || !isAbsolute(label) || !(await isFile(label))) return [];
  return (await fileWarnings(label)).map((warning) => fileFinding(label, warning));
}

/** The finding for a warning about a file; what only the owner of the manifest or of the repository can mend stays a warning. */
function fileFinding(label: string, { code, message }: { code: string; message: string }): Finding {
  const [what = '', cure] = message.split(/ (?=Run: |Add it |Write |Save it |Mount |Raise )/);
  const level = ['readable_by_others', 'tracked_by_git', 'mount_replaced'].includes(code) ? 'problem' : 'warning';
  return { level, code, about: displayPath(label), what, ...(cure && { cure }) };
}

/** The finding about a connection. */
export function connectionFinding({ name, error, opened, ping = 0 }: Checked): Finding {
  if (!error) {
    const what = `opened in ${elapsed(opened)}, ping ${elapsed(ping)}`;
    return { level: 'fine', code: 'connection', about: name, what };
  }
  const cure = cureOf(error);
  const code = isUnreachable(error) ? 'unreachable' : error.code;
  return { level: 'problem', code, about: name, what: reasonOf(error), ...(cure && { cure }) };
}

/** The findings of a kind about the settings of a connection. */
export function kindFinding({ code, connection, message }: KindWarning): Finding {
  return { level: 'warning', code, about: connection ?? '', what: message.replace(`"${connection}": `, '') };
}

interface KindWarning {
  readonly code: string;
  readonly connection?: string;
  readonly message: string;
}
