import { QueryError } from '../../errors/index.ts';
import type { ReadMethod } from '../query/index.ts';
import { pieces, type Language } from './lexis.ts';

const writes = new Set(
  `insert update delete merge replace upsert truncate create alter drop rename grant revoke comment copy load import
  refresh vacuum reindex cluster call do exec execute lock put remove rm undrop`.split(/\s+/),
);
const session = new Set(
  'begin start commit rollback savepoint save release end abort prepare xa set reset use attach detach discard unlock'.split(
    ' ',
  ),
);

/**
 * Refuses what plainly is no read. Best effort: a function that writes is not seen, and `select … for update` is a read.
 *
 * @throws QueryError `write_in_query`, with the method that was called, and what to call instead.
 */
export function guardRead(sql: string, family: Language, method: ReadMethod = 'query'): void {
  const streams = streaming.has(method);
  const refused = (what: string): QueryError => {
    const why = streams ? 'only reads' : 'only reads, and may be sent twice';
    return new QueryError('write_in_query', `\`${method}\` ${why}; this statement ${what}`);
  };
  const instead = !streams ? insteadOfQuery : family === 'snowflake' ? 'Use `execute`.' : insteadOfStream;
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

/**
 * Refuses the statements that begin or end a transaction, or decide when one does: they hold for one connection of the
 * pool, and what others write on it then is lost in silence. Inside `transaction` savepoints are left to the caller.
 *
 * @throws QueryError `not_supported`, with what to call instead.
 */
export function guardTransaction(sql: string, family: Language, inside: boolean): void {
  for (const statement of codeOf(sql, family).split(';')) {
    const text = statement.replace(/\s+/g, ' ').replace(/^[ (]+/, '');
    // What follows is its body, where the same words mean something else.
    if (compound.test(text)) return;
    const words = (ends.exec(text) ?? (inside ? null : within.exec(text)))?.[0].trim().toLowerCase();
    if (words)
      throw new QueryError(
        'not_supported',
        `"${words}" begins, ends or changes a transaction on one connection of the pool, and others would write into it: use \`transaction\`.`,
      );
  }
}

/** A statement that holds others: a routine, a trigger, a block. */
export const compound = new RegExp(
  [
    /^(create|alter) (?!((or replace|temp|temporary|global|local|unlogged|unique) )*(table|index|view|database|schema)\b)[^(]*\b(trigger|procedure|function|event|package)\b/,
    /^(create|alter) .*\b(as|then) begin\b/,
    /^(declare|begin not atomic)\b/,
    /^begin (?!transaction|tran\b|work|deferred|immediate|exclusive|concurrent|isolation|read|not deferrable)\w/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'i',
);

const ends = new RegExp(
  [
    /^(begin|start transaction|abort|prepare transaction|xa (start|begin|end|prepare))\b/,
    /^(commit|end|rollback)\b(?! prepared| ((work|transaction) )?to\b)/,
    /^set\b.*\b(autocommit|implicit_transactions)\b/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'i',
);

const within =
  /^(savepoint|save tran(saction)?|release|rollback( work| transaction)? to|set (session |local )?(characteristics as )?transaction)\b/i;

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

const streaming: ReadonlySet<ReadMethod> = new Set(['stream', 'batches', 'batches$', 'cursor']);

const insteadOfQuery = 'Use `execute`, or `transaction` for several statements.';

const insteadOfStream =
  'Use `execute`: it gives the rows of `returning` all at once. Where they are too many, write in parts, or read them by a cursor of ' +
  'the driver in `session(({ raw }) => …)`.';
