import type { ErrorDetails } from '../../errors/index.ts';

type Found = { -readonly [name in keyof ErrorDetails]: string | undefined };

/**
 * The parts of an error of a driver that a form needs: which constraint refused which column of which table. PostgreSQL says them apart,
 * the others in their text. Values are in none of them.
 */
export function detailsOf(error: unknown): ErrorDetails {
  const known = (typeof error === 'object' && error !== null ? error : {}) as Readonly<Record<string, unknown>>;
  const text = (name: string): string | undefined =>
    typeof known[name] === 'string' && known[name] !== '' ? known[name] : undefined;
  const said = text('sqlMessage') ?? text('message') ?? '';
  const apart = {
    schema: text('schema'),
    table: text('table'),
    column: text('column'),
    constraint: text('constraint'),
    detail: withoutValues(text('detail'), text('code')),
    hint: text('hint'),
  };
  return only({ ...inText(said), ...only(apart), ...own(text('code'), known['errno'], said) });
}

/** The detail of PostgreSQL, which names the values of a row, and perhaps of one that nobody sent. */
function withoutValues(detail: string | undefined, state: string | undefined): string | undefined {
  if (detail === undefined) return undefined;
  const key =
    /^Key (\(.*?\))=\(.*\) (already exists|is not present in table "[^"]*"|is still referenced from table "[^"]*")\.$/s;
  const found = key.exec(detail);
  if (found) return `Key ${found[1]} ${found[2]}.`;
  const exclusion = /^Key (\(.*?\))=\(.*\) conflicts with existing key/s.exec(detail);
  if (exclusion) return `Key ${exclusion[1]} conflicts with an existing key.`;
  // Errors of data quote what they are about.
  return /^2[23]/.test(state ?? '') ? undefined : detail;
}

/** The plain texts about constraints, with the names of the groups for the parts. */
const texts: readonly RegExp[] = [
  // MySQL, MariaDB.
  /^Duplicate entry '.*' for key '(?:(?<table>[^'.]+)\.)?(?<constraint>[^']+)'$/s,
  /^Column '(?<column>[^']+)' (?:cannot be null|specified twice)/,
  /^Field '(?<column>[^']+)' doesn't have a default value/,
  /^(?:Data too long|Out of range value|Data truncated) for column '(?<column>[^']+)'/,
  /^Incorrect [^:]+: '.*' for column (?:`(?<schema>[^`]+)`\.`(?<table>[^`]+)`\.)?[`'](?<column>[^`']+)[`'] at row/s,
  /foreign key constraint fails \(`(?<schema>[^`]+)`\.`(?<table>[^`]+)`, CONSTRAINT `(?<constraint>[^`]+)` FOREIGN KEY \(`(?<column>[^`,]+)`\)/,
  /foreign key constraint fails \(`(?<schema>[^`]+)`\.`(?<table>[^`]+)`, CONSTRAINT `(?<constraint>[^`]+)`/,
  /^Check constraint '(?<constraint>[^']+)' is violated/,
  /^CONSTRAINT `(?<constraint>[^`]+)` failed for `(?<schema>[^`]+)`\.`(?<table>[^`]+)`/,
  // SQLite; several columns are no column.
  /^(?:UNIQUE|NOT NULL) constraint failed: (?<table>[^.,]+)\.(?<column>[^,]+)$/,
  /^UNIQUE constraint failed: index '(?<constraint>[^']+)'/,
  /^UNIQUE constraint failed: (?<table>[^.,]+)\./,
  /^CHECK constraint failed: (?<constraint>\w+)$/,
  // SQL Server.
  /^Violation of (?:UNIQUE|PRIMARY) KEY constraint '(?<constraint>[^']+)'\. Cannot insert duplicate key in object '(?<schema>[^'.]+)\.(?<table>[^']+)'/,
  /^Cannot insert duplicate key row in object '(?<schema>[^'.]+)\.(?<table>[^']+)' with unique index '(?<constraint>[^']+)'/,
  /^Cannot insert the value NULL into column '(?<column>[^']+)', table '(?:[^'.]+\.)?(?<schema>[^'.]+)\.(?<table>[^'.]+)'/,
  /conflicted with the [A-Z ]+ constraint "(?<constraint>[^"]+)".* table "(?<schema>[^".]+)\.(?<table>[^"]+)"(?:, column '(?<column>[^']+)')?/s,
  // Oracle.
  /^ORA-0(?:0001|229[0-2]): .*?\((?<schema>[^().]+)\.(?<constraint>[^().]+)\) violated/,
  /^ORA-01400: .*?\("(?<schema>[^"]+)"\."(?<table>[^"]+)"\."(?<column>[^"]+)"\)/,
];

function inText(said: string): ErrorDetails {
  // A driver may put its code, or the statement, before it.
  for (const line of [said, said.slice(said.lastIndexOf(' - ') + 3)])
    for (const text of texts) {
      const found = text.exec(line)?.groups;
      if (found) return only({ ...found });
    }
  return {};
}

/** Our own words, for what servers call by one that means something else. */
function own(code: string | undefined, errno: unknown, said: string): ErrorDetails {
  if (code === '57014' && /^COPY .*failed/.test(said))
    return {
      hint: 'No data is sent behind a COPY here: use `insertRows`, or pg-copy-streams on a client of `pgPool(connection)`.',
    };
  if (code === '53300' || errno === 1040 || errno === 1203)
    return {
      hint: 'The server has no slot left for one more connection: lower knex.pool.max of its clients, or raise its limit (max_connections).',
    };
  return {};
}

function only(found: Found): ErrorDetails {
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}
