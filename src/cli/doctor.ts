import { checkConnection } from './checking.ts';
import { once } from './check.ts';
import { findConnections } from './connection.ts';
import type { CommonOptions, Console } from './console.ts';
import { exitCode, type ExitCode } from './exit-code.ts';
import { connectionFinding, kindFinding, nodeFinding, sourceFindings, type Finding } from './findings.ts';
import { tellCure } from './failure.ts';
import { Spinners } from './output/spinners.ts';
import { visible } from './output/visible.ts';
import { wrapped } from './output/wrapped.ts';
import { withRegistry } from './registry.ts';
import { HotlineError, type ConnectionEvent, type ConnectionRegistry } from '../index.ts';

/** What is wrong with this machine, the secrets files and the connections, and what to do about it. */
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
    const checked = await Promise.all(found.map((one) => checkConnection(hot, one, signal)));
    for (const one of checked) {
      findings.push(connectionFinding(one));
      const unknown = warnings.filter((event) => 'connection' in event && event.connection === one.name);
      findings.push(...unknown.map(kindFinding));
    }
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
