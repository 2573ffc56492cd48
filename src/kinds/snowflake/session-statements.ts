import { QueryError } from '../../errors/index.ts';
import { pieces } from '../sql/lexis.ts';

/**
 * Refuses what would change the session that every statement of the connection shares.
 *
 * @throws QueryError `not_supported`, with what to call instead.
 */
export function guardSession(sql: string): void {
  const code = [...pieces(sql, 'snowflake')].map(({ text, is }) => (is === 'comment' ? ' ' : text)).join('');
  const words = /^[\s(;]*([a-z]+)\s*([a-z]+)?/i.exec(code);
  const [first = '', second = ''] = (words?.slice(1) ?? []).map((word) => word?.toLowerCase() ?? '');
  if (/^(begin|start|commit|rollback)$/.test(first) && !isBlock(first, second, code))
    throw refused(first, '`transaction(fn)`');
  if (/^(use|set|unset)$/.test(first) || (first === 'alter' && second === 'session'))
    throw refused(first === 'alter' ? 'alter session' : first, '`session(fn)`, or a setting of the connection');
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
