import { QueryError } from '../../errors/index.ts';
import type { Result } from '../query/index.ts';
import type { Bound } from './binds.ts';
import { pieces, type Language } from './lexis.ts';
import type { Session } from './session.ts';
import { compound } from './write-guard.ts';

/**
 * The statements of a text, where it holds several; a routine, a trigger or a block is one, with all that is in it.
 * SQL Server and Oracle are given the text as it is.
 *
 * @throws QueryError `not_supported` for several statements with values.
 */
export function statementsOf({ text, values, whole: made }: Bound, family: Language): readonly string[] {
  const [whole = ''] = text;
  if (made !== undefined || !text.some((piece) => piece.includes(';')) || family === 'mssql' || family === 'oracle')
    return [whole];
  // A placeholder stands in code, so what is bound counts as a word.
  const found = cutStatements(text.join('quoted'), family);
  if (found.length > 1 && values.length > 0)
    throw new QueryError(
      'not_supported',
      'values are bound to one statement, and this text holds several: send each by itself.',
    );
  return found.length > 1 ? found : [whole];
}

/** @throws QueryError `not_supported`: rows are pulled from one statement. */
export function refuseSeveral(bound: Bound, family: Language): void {
  refuseMoreThanOne(statementsOf(bound, family));
}

/** @throws QueryError `not_supported`: rows are pulled from one statement. */
export function refuseMoreThanOne(statements: readonly string[]): void {
  if (statements.length > 1)
    throw new QueryError('not_supported', 'a stream reads the rows of one statement, and this text holds several.');
}

/**
 * Runs several statements one after the other, all or none; the result is that of the last one. `own`: in a transaction
 * of their own.
 */
export async function runScript(
  session: Session,
  statements: readonly string[],
  { write, own, signal }: { write: boolean; own: boolean; signal: AbortSignal | undefined },
): Promise<Result> {
  const run = (text: string, stop?: AbortSignal): Promise<Result> =>
    session.run({ text: [text], values: [] }, write, stop);
  let result: Result = { rows: [], rowCount: 0 };
  if (own) await run('begin');
  try {
    for (const statement of statements) result = await run(statement, signal);
    if (own) await run('commit');
    return result;
  } catch (error) {
    // What cannot be rolled back here is, when the connection comes back to the pool.
    if (own) await run('rollback').catch(() => undefined);
    throw error;
  }
}

/** The statements of a text, without their semicolons; an empty one is none. */
export function cutStatements(sql: string, family: Language): string[] {
  const statements: string[] = [];
  let [text, code, last, depth] = ['', '', '', 0];
  // Its first words say it, so it is asked once: each `;` of a long body would read all of it again.
  let holdsOthers = false;
  const end = (): void => {
    if (code.trim() !== '') statements.push(text);
    [text, code, last, depth, holdsOthers] = ['', '', '', 0, false];
  };
  for (const piece of pieces(sql, family)) {
    if (piece.is !== 'code') {
      text += piece.text;
      const word = piece.is === 'quoted' ? 'quoted' : ' ';
      [code, last] = [code + word, last + word];
      continue;
    }
    for (const part of piece.text.split(/([;()])/)) {
      if (part === '(') depth += 1;
      if (part === ')') depth -= 1;
      if (part === ';' && depth <= 0) holdsOthers ||= compound.test(words(code)) && !isWhole(code, family);
      if (part === ';' && depth <= 0 && (!holdsOthers || isOver(last, family))) end();
      else [text, code, last] = [text + part, code + part, part === ';' ? '' : last + part];
    }
  }
  end();
  return statements;
}

/** True for a routine of Snowflake whose body is one quoted text. */
function isWhole(code: string, family: Language): boolean {
  return family === 'snowflake' && /\bas\s+quoted\s*$/i.test(code);
}

/** True where a statement that holds others ends: that of SQLite with `end`; how the others end is the server's matter. */
function isOver(last: string, family: Language): boolean {
  return family === 'sqlite' && /^\s*end\s*$/i.test(last);
}

function words(code: string): string {
  return code.replace(/\s+/g, ' ').replace(/^[ (]+/, '');
}
