import type { DuckDBConnection } from '@duckdb/node-api';
import { columnName, identifier, mask } from './dialect.ts';
import { StatementError } from './refusal.ts';
import type { Result } from './result.ts';
import { literal, statusResult } from './result.ts';
import { textType } from './columns.ts';
import type { Session } from './session.ts';
import { name } from './session.ts';

/** Statements that are Snowflake's own: DuckDB never sees them, or sees something else. */
export type Command = (session: Session, signal: AbortSignal) => Promise<Result>;

const done = 'Statement executed successfully.';
const SESSION_CONTROL = 0x4000;
const TRANSACTION_CONTROL = 0x5000;

const commands: readonly [RegExp, (words: string[]) => Command][] = [
  [/^use\s+secondary\s+roles\b/, () => async () => statusResult(done, SESSION_CONTROL)],
  [/^use\s+(role|warehouse)\s+(\S+)$/, ([, what, where]) => use(what as 'role', [where!])],
  [/^use\s+(database|schema)\s+(\S+)$/, ([, what, where]) => use(what as 'schema', where!.split('.'))],
  [/^use\s+(\S+)$/, ([, where]) => use('database', where!.split('.'))],
  [/^alter\s+session\s+set\s+(.+)$/, ([, settings]) => setParameters(settings!)],
  [/^alter\s+session\s+unset\s+(.+)$/, ([, names]) => unsetParameters(names!)],
  [/^(begin|start)(?:\s+(?:transaction|work))?(?:\s+name\s+\S+)?$/, () => transaction('begin')],
  [/^(commit|rollback)(?:\s+work)?$/, ([, word]) => transaction(word as 'commit')],
  [
    /^create\s+(?:or\s+replace\s+)?(?:temp(?:orary)?\s+)?stage\b/,
    () => async () => statusResult('Stage area successfully created.', 0x6000),
  ],
  [/^create\s+database\s+(?:if\s+not\s+exists\s+)?(\S+)$/, ([, database]) => createDatabase(database!)],
  [/^(?:call|select)\s+system\$wait\s*\(\s*([\d.]+)\s*(?:,\s*(\S+?)\s*)?\)$/, ([, n, unit]) => wait(n!, unit)],
];

export function command(sql: string): Command | undefined {
  const { code, restore } = mask(sql);
  const text = code.trim().replace(/\s+/g, ' ');
  for (const [pattern, make] of commands) {
    const found = new RegExp(pattern, 'i').exec(text);
    if (found) return make(Array.from(found, (word) => restore(word ?? '')).map(lowerFirst));
  }
  return undefined;
}

const lowerFirst = (word: string, index: number) => (index === 1 && /^\w+$/.test(word) ? word.toLowerCase() : word);

const noObject = 'SQL compilation error:\nObject does not exist, or operation cannot be performed.';
const exists = (names: readonly string[], name: string): boolean => names.some((one) => one.toUpperCase() === name);

/** Whether a session may use the warehouse or the role of that name. */
function usable({ warehouses, roles }: Session, what: string, name: string): boolean {
  if (what === 'warehouse') return !warehouses || exists(warehouses, name);
  return what !== 'role' || !roles || exists([...roles, 'PUBLIC'], name);
}

function use(what: 'database' | 'schema' | 'role' | 'warehouse', path: string[]): Command {
  return (session) =>
    session.exclusive(async (connection) => {
      const names = path.map(identifier);
      const before = { ...session.place };
      if (!usable(session, what, names[0]!)) throw new StatementError('002043', noObject, '02000');
      if (what === 'database') Object.assign(session.place, { database: names[0], schema: names[1] });
      else if (what === 'schema' && names.length > 1)
        Object.assign(session.place, { database: names[0], schema: names[1] });
      else session.place[what] = names[0];
      try {
        await session.relocate(connection);
      } catch (error) {
        Object.assign(session.place, before);
        throw error;
      }
      return statusResult(done, SESSION_CONTROL);
    });
}

function setParameters(settings: string): Command {
  return (session) =>
    session.exclusive(async (connection) => {
      for (const [, key, value] of settings.matchAll(/(\w+)\s*=\s*('(?:[^']|'')*'|[^\s,]+)/g))
        session.parameters[key!.toUpperCase()] = parameterValue(value!);
      await session.relocate(connection);
      return statusResult(done, SESSION_CONTROL);
    });
}

function unsetParameters(names: string): Command {
  return async (session) => {
    for (const key of names.split(',')) delete session.parameters[key.trim().toUpperCase()];
    return statusResult(done, SESSION_CONTROL);
  };
}

// As in Snowflake, a second BEGIN and a COMMIT without a transaction say nothing.
function transaction(word: 'begin' | 'commit' | 'rollback'): Command {
  return (session) =>
    session.exclusive(async (connection) => {
      if (session.inTransaction !== (word === 'begin')) {
        session.inTransaction = word === 'begin';
        if (word === 'commit') await standing(connection);
        await connection.run(word);
      }
      return statusResult(done, TRANSACTION_CONTROL);
    });
}

// Snowflake goes on after a failed statement; DuckDB may have given the transaction up, and its COMMIT would not say so.
async function standing(connection: DuckDBConnection): Promise<void> {
  try {
    await connection.run('select 1');
  } catch {
    await connection.run('rollback');
    const message = 'The transaction was rolled back: a statement in it failed, and DuckDB cannot go on after that.';
    throw new StatementError('000603', message, '25000');
  }
}

function createDatabase(database: string): Command {
  return (session) =>
    session.exclusive(async (connection) => {
      await connection.run(`attach if not exists ':memory:' as ${name(identifier(database))}`);
      return statusResult(`Database ${identifier(database)} successfully created.`, 0x6000);
    });
}

const unitMs: Record<string, number> = { MILLISECONDS: 1, SECONDS: 1000, MINUTES: 60_000 };

/** The slow statement of a test: takes time, but no processor. */
function wait(count: string, unit: string | undefined): Command {
  const word = unquote(unit || 'SECONDS').toUpperCase();
  const ms = Number(count) * (unitMs[word] ?? 1000);
  return (_, signal) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', stop);
        resolve(
          literal([textType(columnName('system$wait', ''))], [[`waited ${count} ${word.toLowerCase()}`]], 0x1000),
        );
      }, ms).unref();
      const stop = () => {
        clearTimeout(timer);
        reject(signal.reason);
      };
      signal.addEventListener('abort', stop, { once: true });
    });
}

const unquote = (word: string) => word.replace(/^["']([^]*)["']$/, '$1');

function parameterValue(text: string): unknown {
  if (text.startsWith("'")) return unquote(text).replaceAll("''", "'");
  if (/^(?:true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  return Number.isNaN(Number(text)) ? text : Number(text);
}
