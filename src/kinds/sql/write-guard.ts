import { QueryError } from '../../errors/index.ts';
import { pieces, type Language } from './lexis.ts';

const writes = new Set(
  `insert update delete merge replace upsert truncate create alter drop rename grant revoke comment copy load import
  refresh vacuum reindex cluster call do exec execute lock`.split(/\s+/),
);
const session = new Set(
  'begin start commit rollback savepoint release end abort set reset use attach detach'.split(' '),
);

/**
 * Refuses what plainly is no read. Best effort: a function that writes is not seen, and `select … for update` is a read.
 *
 * @throws QueryError `write_in_query`, with what to call instead.
 */
export function guardRead(sql: string, family: Language): void {
  for (const statement of codeOf(sql, family).split(';')) {
    const word = /^[\s(]*([a-z]+)/i.exec(statement)?.[1]?.toLowerCase();
    if (word === undefined) continue;
    if (session.has(word))
      throw refused(
        `starts with "${word}", which holds for one connection, and the next statement may run on another. Use \`transaction\`, or \`use\`.`,
      );
    if (writes.has(word)) throw refused(`starts with "${word}". ${instead}`);
    if (hidden(word, statement)) throw refused(`is a "${word}" that writes. ${instead}`);
  }
}

/** A write behind a word that reads. */
function hidden(word: string, statement: string): boolean {
  if (word === 'pragma') return /=/.test(statement);
  if (word === 'explain') return /\banalyze\b/i.test(statement) && writing.test(statement);
  return (word === 'with' && writing.test(statement)) || (word === 'select' && /\binto\b/i.test(statement));
}

const writing =
  /\binsert\s+into\b|\bdelete\s+from\b|\bmerge\s+into\b|\bupdate\s+(?:only\s+)?[\w.]+(?:\s+(?:as\s+)?\w+)?\s+set\b/i;

/** The statement without its comments, and with a plain word for everything quoted. */
function codeOf(sql: string, family: Language): string {
  let code = '';
  for (const { text, is } of pieces(sql, family)) code += is === 'code' ? text : is === 'quoted' ? 'quoted' : ' ';
  return code;
}

const instead = 'Use `execute`, or `transaction` for several statements.';

function refused(what: string): QueryError {
  return new QueryError('write_in_query', `\`query\` only reads, and may be sent twice; this statement ${what}`);
}
