import { QueryError } from '../../errors/index.ts';
import type { Row } from '../query/index.ts';
import { pieces } from '../sql/lexis.ts';
import { cutStatements } from '../sql/scripts.ts';

/** The statements of a text; a block of Snowflake Scripting is one, with all that follows it. */
export function statementsIn(sql: string): readonly string[] {
  if (!sql.includes(';')) return [sql];
  const statements = cutStatements(sql, 'snowflake');
  return statements.length > 1 ? statements : [sql];
}

/**
 * Refuses what would change the session that every statement of the connection shares.
 *
 * @throws QueryError `not_supported`, with what to call instead.
 */
export function guardSession(sql: string): void {
  for (const statement of statementsIn(sql)) {
    const { first, second, code } = wordsOf(statement);
    if (/^(begin|start|commit|rollback)$/.test(first) && !isBlock(first, second, code))
      throw refused(first, '`transaction(fn)`');
    if (/^(use|set|unset)$/.test(first) || (first === 'alter' && second === 'session'))
      throw refused(first === 'alter' ? 'alter session' : first, '`session(fn)`, or a setting of the connection');
  }
}

/** @throws QueryError `not_supported` for several statements of which one moves files: the driver takes that one alone. */
export function refuseFiles(statements: readonly string[]): void {
  const moving = statements.length > 1 && statements.map(wordsOf).find(({ first }) => /^(put|get)$/.test(first));
  if (moving)
    throw new QueryError(
      'not_supported',
      `a statement that starts with "${moving.first}" moves files, and is sent by itself: this text holds several.`,
    );
}

const came: readonly unknown[] = ['DOWNLOADED', 'SKIPPED'];

/** @throws QueryError `query_failed` for a GET whose files did not all come: the driver says so by their rows alone. */
export function refuseMissingFiles(sql: string, rows: readonly Row[]): void {
  if (!rows[0] || !('status' in rows[0]) || wordsOf(sql).first !== 'get') return;
  const missing = rows.filter(({ status }) => !came.includes(status));
  if (missing.length === 0) return;
  const names = missing.slice(0, 3).map(({ file }) => String(file));
  const more = missing.length > 3 ? ` and ${missing.length - 3} more` : '';
  throw new QueryError(
    'query_failed',
    `${missing.length} of ${rows.length} files could not be downloaded: ${names.join(', ')}${more}. Those that came are there; a GET may be repeated.`,
  );
}

/** The first two words of a statement in lower case, and its code without comments. */
function wordsOf(sql: string): { readonly first: string; readonly second: string; readonly code: string } {
  const code = [...pieces(sql, 'snowflake')].map(({ text, is }) => (is === 'comment' ? ' ' : text)).join('');
  const words = /^[\s(;]*([a-z]+)\s*([a-z]+)?/i.exec(code);
  const [first = '', second = ''] = (words?.slice(1) ?? []).map((word) => word?.toLowerCase() ?? '');
  return { first, second, code };
}

/** Snowflake Scripting begins its blocks with the same word. */
function isBlock(first: string, second: string, code: string): boolean {
  return first === 'begin' && /\bend\b/i.test(code) && !/^(transaction|work|name)?$/.test(second);
}

function refused(word: string, cure: string): QueryError {
  return new QueryError(
    'not_supported',
    `a statement that starts with "${word}" would change the session of all the others: use ${cure}.`,
  );
}
