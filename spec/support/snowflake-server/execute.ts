import type { DuckDBConnection, DuckDBMaterializedResult } from '@duckdb/node-api';
import { StatementType } from '@duckdb/node-api';
import type { Bindings, BoundStatement } from './binds.ts';
import { bind } from './binds.ts';
import { refuseUnassignable } from './assignable.ts';
import { column } from './columns.ts';
import { command } from './commands.ts';
import { load, type Copy } from './copy.ts';
import { columnName, mask } from './dialect.ts';
import { StatementError } from './refusal.ts';
import type { Result } from './result.ts';
import { changedResult, literal, statusResult, tableResult } from './result.ts';
import type { Session } from './session.ts';

/** One statement as the driver asked for it. */
export interface Query {
  readonly sql: string;
  readonly bindings?: Bindings | undefined;
  readonly describeOnly?: boolean | undefined;
  readonly copy?: Copy | undefined;
}

const statementTypeIds: Partial<Record<StatementType, number>> = {
  [StatementType.SELECT]: 0x1000,
  [StatementType.INSERT]: 0x3100,
  [StatementType.UPDATE]: 0x3200,
  [StatementType.DELETE]: 0x3300,
  [StatementType.MERGE_INTO]: 0x3400,
};

/** Runs one statement in its session; the signal interrupts DuckDB. */
export async function execute(session: Session, query: Query, signal: AbortSignal): Promise<Result> {
  signal.throwIfAborted();
  if (query.copy) return load(session, query.copy);
  const own = command(query.sql);
  if (own) return own(session, signal);
  refuseWithoutWarehouse(session, query.sql);
  const temporary = /^\s*create\s+(?:or\s+replace\s+)?temp/i.test(mask(query.sql).code);
  const turn = temporary ? session.exclusive.bind(session) : session.shared.bind(session);
  const result = await turn((connection) =>
    interruptible(connection, signal, async () => {
      await refuseUnassignable(connection, query.sql, query.bindings);
      const bound = bind(query.sql, query.bindings);
      return query.describeOnly === true ? describe(connection, bound.sql) : run(connection, bound, query.sql, session);
    }),
  );
  session.pinned ||= temporary;
  return result;
}

/** What reads or writes a table needs a warehouse: 000606, of the recorded public reports (issue 21, A). */
function refuseWithoutWarehouse({ warehouses, place }: Session, sql: string): void {
  if (!warehouses || place.warehouse !== undefined || !/\b(from|into|update)\b/i.test(mask(sql).code)) return;
  const cure = "Select an active warehouse with the 'use warehouse' command.";
  throw new StatementError('000606', `No active warehouse selected in the current session.  ${cure}`, '57P03');
}

// An interrupt that comes before DuckDB has begun is forgotten by DuckDB, so it is repeated until the work has ended.
async function interruptible<T>(connection: DuckDBConnection, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  let repeat: NodeJS.Timeout | undefined;
  const stop = () => {
    connection.interrupt();
    repeat = setInterval(() => connection.interrupt(), 20).unref();
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    clearInterval(repeat);
    signal.removeEventListener('abort', stop);
  }
}

async function run(
  connection: DuckDBConnection,
  { sql, values, types }: BoundStatement,
  original: string,
  session: Session,
): Promise<Result> {
  if (values.length === 1)
    return shape(await connection.run(sql, values[0], types), original, String(session.parameters['TIMEZONE']));
  if (values.length === 0) throw new StatementError('002020', 'SQL compilation error:\nEmpty bulk bind.', '21S01');
  if (!session.inTransaction) await connection.run('begin');
  try {
    let changed = 0;
    let last: DuckDBMaterializedResult | undefined;
    for (const row of values) changed += (last = await connection.run(sql, row)).rowsChanged;
    if (!session.inTransaction) await connection.run('commit');
    return changedResult(changed, statementTypeIds[last!.statementType] ?? 0x3000);
  } catch (error) {
    if (!session.inTransaction) await connection.run('rollback');
    throw error;
  }
}

function shape(result: DuckDBMaterializedResult, sql: string, zone: string): Result {
  const typeId = statementTypeIds[result.statementType];
  if (typeId !== undefined && typeId > 0x3000 && result.columnNames().join() === 'Count')
    return changedResult(result.rowsChanged, typeId);
  if (result.statementType === StatementType.CREATE || result.statementType === StatementType.DROP)
    return statusResult(definitionStatus(sql), 0x6000);
  if (result.columnCount === 0 || result.columnNames().join() === 'Success')
    return statusResult('Statement executed successfully.', 0x6000);
  return tableResult(result, sql, zone);
}

function definitionStatus(sql: string): string {
  const { code, restore } = mask(sql);
  const found = /^\s*(create|drop)\s.*?\b(table|view|schema|sequence)\s+(?:if\s+(?:not\s+)?exists\s+)?([^\s(;]+)/i.exec(
    code,
  );
  if (!found) return 'Statement executed successfully.';
  const name = restore(found[3]!).toUpperCase();
  if (found[1]!.toLowerCase() === 'drop') return `${name} successfully dropped.`;
  const kind = found[2]!;
  return `${kind[0]!.toUpperCase()}${kind.slice(1).toLowerCase()} ${name} successfully created.`;
}

async function describe(connection: DuckDBConnection, sql: string): Promise<Result> {
  const prepared = await connection.prepare(sql);
  const columns = Array.from({ length: prepared.columnCount }, (_, index) =>
    column(columnName(prepared.columnName(index), sql), prepared.columnType(index)),
  );
  const typeId = statementTypeIds[prepared.statementType] ?? 0x6000;
  prepared.destroySync();
  return literal(
    columns.map(({ rowType }) => rowType),
    [],
    typeId,
  );
}
