import { performance } from 'node:perf_hooks';
import { HotlineError, QueryConnection } from '../index.ts';
import { findConnection, withRegistry } from './connections.ts';
import type { CommonOptions, Console, Outlet } from './console.ts';
import { exitCode, Misuse, type ExitCode } from './exit-code.ts';
import { LiveBlock } from './live-block.ts';
import { formats, type Format } from './row-formats.ts';
import { elapsed } from './text.ts';

/** Options of `hotline query`. */
export interface QueryCommandOptions extends CommonOptions {
  readonly param?: readonly string[];
  readonly format: Format;
  readonly escapeFormulas?: boolean;
}

/** The rows of a statement, as they come: a batch in memory at a time, however many there are. */
export async function query(
  { out, err, signal }: Console,
  name: string,
  sql: string,
  options: QueryCommandOptions,
): Promise<ExitCode> {
  if (sql.trim() === '') throw new Misuse('There is no statement: it stands behind the name, in quotes.');
  const params = parameters(options.param ?? []);
  const format = formats[options.json ? 'json' : options.format]({
    colors: out.colors,
    columns: out.columns,
    escapeFormulas: options.escapeFormulas === true,
  });
  await withRegistry(options, async (hot) => {
    const connection = await findConnection(hot, name);
    if (!asks(connection)) throw new Misuse(`"${name}" is a ${connection.kind}, which runs no statements.`);
    const count = new RowCount(err, !out.isTerminal);
    let ended: Ended = 'failed';
    try {
      for await (const rows of connection.batches(sql, { signal, ...(params && { params }) })) {
        await out.send(format.rows(rows), signal);
        count.add(rows.length);
        // A database in this process has never let go of it: signals want to be heard as well.
        await new Promise(setImmediate);
      }
      out.write(format.end());
      ended = 'whole';
    } catch (error) {
      throw onlyReads(error, name);
    } finally {
      count.end(signal.aborted ? 'interrupted' : ended);
    }
  });
  return exitCode.fine;
}

/** The error of a statement that writes, for somebody who has no `execute` at hand. */
function onlyReads(error: unknown, name: string): unknown {
  if (!(error instanceof HotlineError) || error.code !== 'write_in_query') return error;
  const verb = /starts with "(\w+)"/.exec(error.message)?.[1] ?? 'it';
  return new Misuse(
    `"${name}": \`hotline query\` only reads, and ${verb} writes. Run it in a program by \`execute\`, or in the client of the database. (${error.code})`,
  );
}

/** A kind from another copy of hotline (that of the project) asks as well. */
function asks(connection: object): connection is QueryConnection<unknown> {
  return connection instanceof QueryConnection || 'batches' in connection;
}

/**
 * The values of `--param name=value`: numbers, `true`, `false` and `null` as what they are, `"…"` as the text inside,
 * everything else as text.
 *
 * @throws Misuse for what has no name.
 */
export function parameters(given: readonly string[]): Record<string, unknown> | undefined {
  if (given.length === 0) return undefined;
  return Object.fromEntries(
    given.map((text) => {
      const [, name, value] = /^:?([^=]+)=(.*)$/s.exec(text) ?? [];
      if (name === undefined || value === undefined)
        throw new Misuse(`--param is written name=value, for :name in the statement.`);
      return [name, valueOf(value)];
    }),
  );
}

function valueOf(text: string): unknown {
  if (/^(true|false|null|".*")$/s.test(text)) return parsed(text);
  // A number that would not come back as it was written (007, a card number) is text.
  return text !== '' && String(Number(text)) === text && Number.isFinite(Number(text)) ? Number(text) : text;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}

type Ended = 'whole' | 'interrupted' | 'failed';

const everyMilliseconds = 100;

/** The number of rows and their rate: while they come, where they do not come to the same terminal, and in the end. */
export class RowCount {
  readonly #outlet: Outlet;
  readonly #block: LiveBlock | undefined;
  readonly #start = performance.now();
  #painted = 0;
  #rows = 0;

  constructor(outlet: Outlet, live: boolean) {
    this.#outlet = outlet;
    this.#block = live ? new LiveBlock(outlet) : undefined;
  }

  add(rows: number): void {
    this.#rows += rows;
    const now = performance.now();
    if (now - this.#painted < everyMilliseconds) return;
    this.#painted = now;
    this.#block?.paint([this.#text(now)]);
  }

  end(how: Ended): void {
    this.#block?.end();
    // The error says it all.
    if (how === 'failed' && this.#rows === 0) return;
    const text = this.#text(performance.now());
    this.#outlet.line(this.#outlet.colors.dim(how === 'whole' ? text : `${text}, then ${how}`));
  }

  #text(now: number): string {
    const spent = Math.max(now - this.#start, 1);
    const rate = Math.round((this.#rows / spent) * 1000);
    const rows = `${grouped(this.#rows)} row${this.#rows === 1 ? '' : 's'}`;
    return `${rows} in ${elapsed(spent)}${this.#rows > 1000 ? ` (${grouped(rate)} rows/s)` : ''}`;
  }
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
