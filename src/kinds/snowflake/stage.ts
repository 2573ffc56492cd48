import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection } from 'snowflake-sdk';
import { QueryError } from '../../errors/index.ts';
import type { CopyBatches } from '../query/insert-rows.ts';
import type { RowBatch } from '../query/row-batches.ts';
import type { QueryConnection, Row, Session } from '../query/index.ts';
import { bind, bulkParams, rowsOf } from './binds.ts';
import { explainRow } from './failures.ts';

/** Characters in one file, about; the driver compresses it to a tenth of that. */
const fileLength = 64_000_000;

const format = `type = csv field_optionally_enclosed_by = '"' empty_field_as_null = true null_if = () binary_format = hex`;

/** The codes of Snowflake for a role that may not create a stage, and a session without a database or a schema to create it in. */
const without = /^(003001|090105|090106)$/;

type Held = Session<Connection>;

/** The table that the rows go to. */
export interface Target {
  /** `insert into t (…) …`, for a role that may not create a stage. */
  readonly insert: string;
  /** The table and its columns: `t (a, b)`. */
  readonly into: string;
  /** An expression of `$1`, `$2`, … for each column. */
  readonly values: readonly string[];
}

/** Copies rows by files on a temporary stage, which the server drops with the session; all of them or none. */
export function stagedCopy(
  connection: Pick<QueryConnection<Connection, Connection, Connection>, 'session' | 'invalidate'>,
  target: Target,
  length = fileLength,
): CopyBatches {
  return async (batches, { signal, tags, progress = () => undefined }) => {
    const count = await connection.session(
      async (session) => {
        const stage = `hotline_${randomUUID().replaceAll('-', '')}`;
        try {
          await session.execute(`create temporary stage ${stage}`);
        } catch (error) {
          if (!without.test(String((error as { cause?: { code?: unknown } }).cause?.code))) throw error;
          return insertEach(session, target, batches, progress);
        }
        const firsts = await upload({ session, stage, length, progress }, batches);
        return copy(session, stage, target, firsts);
      },
      { signal },
    );
    if (tags) await connection.invalidate({ tags });
    return count;
  };
}

interface Upload {
  readonly session: Held;
  readonly stage: string;
  /** Characters in one file, about. */
  readonly length: number;
  readonly progress: (rowCount: number) => void;
}

/** Puts the rows on the stage, file by file; resolves with the number of the first row of each file, and of the one after the last. */
async function upload(
  { session, stage, length, progress }: Upload,
  batches: AsyncIterable<RowBatch>,
): Promise<number[]> {
  const folder = await mkdtemp(join(tmpdir(), 'hotline-rows-'));
  const firsts = [1];
  let text = '';
  let count = 0;
  const put = async (): Promise<void> => {
    const path = join(folder, `${firsts.length}.csv`);
    await writeFile(path, text, { mode: 0o600 });
    const quoted = `file://${path.replaceAll('\\', '/')}`.replaceAll("'", "\\'");
    await session.execute(`put '${quoted}' @${stage} auto_compress=true`);
    await rm(path);
    firsts.push(count + 1);
    text = '';
    progress(count);
  };
  try {
    for await (const { columns, values, rowCount } of batches) {
      text += linesOf(rowsOf(values, columns.length));
      count += rowCount;
      if (text.length >= length) await put();
    }
    if (text !== '') await put();
    return firsts;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Takes the files into the table. */
function copy(session: Held, stage: string, { into, values }: Target, firsts: readonly number[]): Promise<number> {
  const sql = `copy into ${into} from (select ${values.join(', ')} from @${stage}) file_format = (${format}) on_error = abort_statement`;
  const sent = firsts.at(-1)! - 1;
  return session.transaction(async (tx) => {
    try {
      const { rows, rowCount } = await tx.execute(sql);
      const taken = rows.length === 0 ? rowCount : rows.reduce((sum, row) => sum + Number(loaded(row)), 0);
      if (taken === sent) return taken;
      throw new QueryError('query_failed', `the stage gave ${taken} rows of ${sent}, and none of them is kept.`);
    } catch (error) {
      throw explainRow(error, firsts);
    }
  });
}

function loaded(row: Row): unknown {
  return Object.entries(row).find(([name]) => name.toLowerCase() === 'rows_loaded')?.[1];
}

function insertEach(
  session: Held,
  { insert }: Target,
  batches: AsyncIterable<RowBatch>,
  progress: (rowCount: number) => void,
): Promise<number> {
  return session.transaction(async (tx) => {
    let count = 0;
    for await (const { columns, values } of batches) {
      const params = bulkParams(rowsOf(values, columns.length));
      count += (await tx.execute(insert, { params })).rowCount;
      progress(count);
    }
    return count;
  });
}

/** The rows as CSV: text is quoted, NULL is an empty field. */
function linesOf(rows: readonly (readonly unknown[])[]): string {
  const { binds = [] } = bind({ sql: '', params: bulkParams(rows) });
  let text = '';
  for (const row of binds as readonly (readonly (string | null)[])[])
    text += `${row.map((value) => (value === null ? '' : `"${value.replaceAll('"', '""')}"`)).join(',')}\n`;
  return text;
}
