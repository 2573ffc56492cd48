import { createRequire } from 'node:module';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { CommonOptions, Console, Outlet } from './console.ts';
import { exitCode, type ExitCode } from './exit-code.ts';
import { commandLine } from './how-started.ts';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

type Ended = (code: ExitCode) => void;

/** Runs one command line and says how it ended; it never throws. */
export async function run(args: readonly string[], console: Console): Promise<ExitCode> {
  let code: ExitCode = exitCode.fine;
  try {
    const commands = program(console, (ended) => (code = ended));
    await commands.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    // It has said so itself.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.fine : exitCode.misused;
    // Help and what commander refuses do without the library.
    const { exitCodeOf, tellFailure } = await import('./failure.ts');
    if (!console.signal.aborted) tellFailure(console.err, error);
    return exitCodeOf(error);
  }
}

/** The commands and their options. What a command does is loaded when it is run. */
export function program(console: Console, ended: Ended): Command {
  const { out, err } = console;
  const hotline = new Command('hotline')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => out.write(text),
      writeErr: (text) => err.write(text),
      getOutHelpWidth: () => Math.min(out.columns, 100),
      getErrHelpWidth: () => Math.min(err.columns, 100),
      getOutHasColors: () => out.colors.isColorSupported,
      getErrHasColors: () => err.colors.isColorSupported,
      outputError: (text, write) => write(text.replace(/^error:/, err.colors.red('error'))),
    })
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: (title) => out.colors.bold(title),
      styleCommandText: (text) => out.colors.cyan(text),
      styleOptionText: (text) => out.colors.cyan(text),
    })
    .version(version, '--version', 'which version this is')
    .description('Named, shared, hot-reloading connections: make, look at, check and use what your secrets name.')
    .option(
      '--secrets <file>',
      'a secrets file (TOML, .json, .env), directory or pipe; again for more, later ones win (default: ~/.streamlit/secrets.toml and .streamlit/secrets.toml)',
      all,
    )
    .option('--environment <name>', 'which [env.NAME] is laid over it (default: $HOTLINE_ENV)')
    .option('--no-color', 'no colours; as NO_COLOR=1')
    .showHelpAfterError(`(see ${commandLine('--help')})`)
    .addHelpText('after', () => examples('hotline', out));

  const command = (usage: string, summary: string): Command => {
    const made = hotline.command(usage).description(summary);
    made.showHelpAfterError(`(see ${commandLine(`${made.name()} --help`)})`);
    return made.addHelpText('after', () => examples(made.name(), out));
  };
  const json = (made: Command): Command => made.option('--json', 'as JSON, for programs');
  const optionsOf = <T>(made: Command): CommonOptions & T => made.optsWithGlobals();

  const init = json(command('init', 'make a secrets file with its JSON Schema; overwrites nothing'));
  init.action(async () => ended(await (await import('./init.ts')).init(console, optionsOf(init))));

  const list = json(command('list', 'names, kinds, and where each setting comes from'));
  list.action(async () => ended(await (await import('./list.ts')).list(console, optionsOf(list))));

  const describe = json(command('describe <name>', 'one connection: its settings, what they mean, how it is kept'));
  describe.action(async (name: string) =>
    ended(await (await import('./describe.ts')).describe(console, name, optionsOf(describe))),
  );

  const check = json(command('check [names...]', 'open and ping each connection, side by side'));
  check.action(async (names: string[]) =>
    ended(await (await import('./check.ts')).check(console, names, optionsOf(check))),
  );

  const doctor = json(command('doctor', 'check, and look at files, git, settings, drivers, hosts and Node.js'));
  doctor.action(async () => ended(await (await import('./doctor.ts')).doctor(console, optionsOf(doctor))));

  const query = json(command('query <name> <sql>', 'the rows of a statement that reads, streamed'))
    .addOption(new Option('--param <name=value>', 'for :name in the statement; again for more').argParser(all))
    .addOption(
      new Option('--format <format>', 'how rows are written')
        .choices(['table', 'json', 'ndjson', 'csv'])
        .default('table'),
    )
    .option('--escape-formulas', 'csv: cells that a spreadsheet would compute are made text');
  query.action(async (name: string, sql: string) =>
    ended(await (await import('./query.ts')).query(console, name, sql, optionsOf(query))),
  );

  const watch = json(command('watch [names...]', 'keep connections open and show what happens to them'));
  watch.action(async (names: string[]) =>
    ended(await (await import('./watch.ts')).watch(console, names, optionsOf(watch))),
  );

  const types = command('types', 'a declaration file: a misspelt name does not compile')
    .option('--out <file>', 'where to write it (default: standard output)')
    .option('--watch', 'write it again when the secrets change');
  types.action(async () => ended(await (await import('./declare-names.ts')).declareNames(console, optionsOf(types))));

  const board = command('board', 'a page with every connection, live, on this machine')
    .addOption(new Option('--port <port>', 'where to listen (default: any that is free)').argParser(port))
    .option('--host <host>', 'the address to listen on (default: 127.0.0.1)')
    .option(
      '--actions',
      'the page may ping, reset, reload, stop statements, end leases and forget cached results (default: it only shows)',
    );
  board.action(async () => ended(await (await import('./board.ts')).board(console, optionsOf(board))));
  return hotline;
}

function port(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) < 65_536) return Number(text);
  throw new InvalidArgumentError('A port is a number from 0 to 65535.');
}

/** An option that may be given more than once. */
function all(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** Words behind the name of the command, and what they do. */
const lines: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  hotline: [
    ['init', 'begin'],
    ['check', 'does everything answer?'],
    ['query pets "select * from pet"', 'ask'],
  ],
  init: [
    ['init', '.streamlit/secrets.toml, its schema, a line in .gitignore'],
    ['init --secrets config/secrets.toml', 'in another place'],
  ],
  list: [
    ['list', 'nothing is opened, no secret is shown'],
    ['list --environment staging', 'with [env.staging] laid over it'],
    ['list --json | jq -r .[].name', 'the names'],
  ],
  describe: [['describe pets', 'nothing is opened, no secret is shown']],
  check: [
    ['check', 'all of them'],
    ['check pets wh && npm start', 'these two; exit code 1 when one fails'],
  ],
  doctor: [['doctor', 'what is wrong, and what to do about it']],
  query: [
    ['query pets "select * from pet"', 'a table'],
    ['query pets "select * from pet where owner = :who" --param who=Ann', 'with a value'],
    ['query wh "select * from orders" --format csv > orders.csv', 'millions of rows in constant memory'],
  ],
  watch: [
    ['watch', 'all of them, until Ctrl-C'],
    ['watch pets --json >> events.ndjson', 'an event a line'],
  ],
  types: [
    ['types --out src/connections.d.ts', 'names and kinds, never a value'],
    ['types --out src/connections.d.ts --watch', 'and again when the secrets change'],
  ],
  board: [
    ['board', 'a page with every connection, live; read-only'],
    ['board --actions', 'with buttons that ping, reset, stop and reload'],
  ],
};

/** The text after the help of a command. */
export function examples(command: string, { colors }: Outlet): string {
  const shown = (lines[command] ?? []).map(([words, what]) => [commandLine(words), what] as const);
  const width = Math.max(...shown.map(([line]) => line.length));
  const text = shown.map(([line, what]) => `  ${line.padEnd(width)}  ${colors.dim(what)}`);
  return ['', colors.bold('Examples:'), ...text, ''].join('\n');
}
