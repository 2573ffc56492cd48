import { QueryError } from '../../../errors/index.ts';
import type { Row } from '../../query/index.ts';
import type { Bound } from '../binds.ts';
import type { Family } from '../dialects.ts';
import type { DriverConnection, Engine, KnexClient } from '../engine.ts';
import { integerOf, type Beyond } from '../integers.ts';

interface Closable extends DriverConnection {
  close(): unknown;
}

/** The scope of `scope_identity()` is this text, so it is null unless the statement has inserted a row with an identity. */
const counting = ';select @@rowcount as hotline_rowcount, cast(scope_identity() as varchar(40)) as hotline_id';

/** SQL Server and Oracle: what knex itself does with their drivers, and no more. */
export function otherEngine(
  client: KnexClient,
  family: Family & ('mssql' | 'oracle'),
  beyond: Beyond = 'text',
): Engine {
  const placeholder = family === 'mssql' ? (index: number) => `@p${index - 1}` : (index: number) => `:${index}`;
  const textOf = ({ text }: Bound): string => text.reduce((sql, piece, index) => sql + placeholder(index) + piece);
  return {
    family,
    blocking: false,
    async run(connection, bound, write) {
      const counted = family === 'mssql' && write ? counting : '';
      const query = {
        sql: textOf(bound) + counted,
        bindings: client.prepBindings(bound.values),
        method: 'raw',
        options: {},
      };
      const done = await client._query(connection, query);
      const rows = client.processResponse({ ...done, method: 'select' }) as Row[];
      if (!counted) return { rows, rowCount: done.rowsAffected ?? rows.length };
      const { hotline_rowcount: count, hotline_id: id } = rows.pop() ?? {};
      const insertId = typeof id === 'string' && rows.length === 0 ? { insertId: integerOf(id, beyond) } : {};
      return { rows, rowCount: Number(count), ...insertId };
    },
    openCursor: async () => {
      throw new QueryError(
        'not_supported',
        `hotline has no cursor for ${family}: use \`query\`, or \`use(knex => …)\` with the stream of knex.`,
      );
    },
    abandon: (connection) => void (connection as Closable).close(),
    hold: () => undefined,
    leftOpen: () => [],
    readOnly: (_connection, on) => Promise.resolve({ knexReadOnly: on }),
  };
}
