import { parameterList } from './parameters.ts';
import type { Refusal } from './refusal.ts';
import type { Session } from './session.ts';
import type { Outcome, Statement } from './statement.ts';

/** What goes back over HTTP: JSON, or the text of a chunk. */
export interface Answer {
  readonly status?: number;
  readonly json?: object;
  readonly chunk?: string;
  /** The content of a file. */
  readonly bytes?: Buffer;
  /** For a redirect. */
  readonly location?: string;
  /** Sent as it is, though called JSON: a broken answer. */
  readonly text?: string;
}

export const success = (data: unknown = null): Answer => ({ json: { success: true, code: null, message: null, data } });

export function refused({ code, message, sqlState, data, status }: Refusal, queryId?: string): Answer {
  const told = data ?? { sqlState, queryId, errorCode: code };
  const answer = { json: { success: false, code, message, data: told, headers: null } };
  return status === undefined ? answer : { ...answer, status };
}

/** Still running: the driver asks again at `getResultUrl`, or leaves it at that (`detached`). */
export function running(statement: Statement, detached: boolean): Answer {
  const data = { queryId: statement.id, getResultUrl: `/queries/${statement.id}/result` };
  const code = detached ? '333334' : '333333';
  return { json: { success: true, code, message: 'Query execution in progress.', data } };
}

/** A finished statement; `chunkUrl` names the place of each chunk after the rows in the answer itself. */
export function finished(
  statement: Statement,
  outcome: Outcome,
  chunkRows: number,
  chunkUrl: (chunk: number) => string,
): Answer {
  if ('error' in outcome) return refused(outcome.error, statement.id);
  const { result } = outcome;
  const inline = Math.min(result.rowCount, chunkRows);
  const chunks = [];
  for (let from = inline; from < result.rowCount; from += chunkRows)
    chunks.push({ url: chunkUrl(from / chunkRows), rowCount: Math.min(chunkRows, result.rowCount - from) });
  return success({
    queryId: statement.id,
    parameters: parameterList(statement.session.parameters),
    rowtype: result.rowTypes,
    rowset: JSON.parse(`[${result.rows(0, inline)}]`) as unknown,
    returned: result.rowCount,
    total: result.rowCount,
    version: 1,
    queryResultFormat: 'json',
    statementTypeId: result.statementTypeId,
    ...whereabouts(statement.session),
    ...(chunks.length > 0 ? { chunks, chunkHeaders: {} } : {}),
    ...script(statement),
  });
}

function script({ children }: Statement): object {
  if (children.length === 0) return {};
  return {
    resultIds: children.map(({ id }) => id).join(','),
    resultTypes: children.map(({ typeId }) => typeId).join(','),
  };
}

function whereabouts({ place }: Session): object {
  return {
    finalDatabaseName: place.database,
    finalSchemaName: place.schema,
    finalWarehouseName: place.warehouse,
    finalRoleName: place.role,
  };
}
