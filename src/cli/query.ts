import { QueryConnection } from '../index.ts';
import type { CommonOptions, Console } from './console.ts';
import { findConnection } from './connection.ts';
import { exitCode, type ExitCode } from './exit-code.ts';
import { Misuse } from './misuse.ts';
import { formats, type Format } from './query/formats.ts';
import { parameters } from './query/parameters.ts';
import { RowCount } from './query/row-count.ts';
import { withRegistry } from './registry.ts';

/** What `hotline query` may be told besides. */
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
    try {
      for await (const rows of connection.batches(sql, { signal, ...(params && { params }) })) {
        await out.send(format.rows(rows), signal);
        count.add(rows.length);
        // A database in this process has never let go of it: signals want to be heard as well.
        await new Promise(setImmediate);
      }
      out.write(format.end());
    } finally {
      count.end(signal.aborted);
    }
  });
  return exitCode.fine;
}

/** A kind from another copy of hotline (that of the project) asks as well. */
function asks(connection: object): connection is QueryConnection<unknown> {
  return connection instanceof QueryConnection || 'batches' in connection;
}
