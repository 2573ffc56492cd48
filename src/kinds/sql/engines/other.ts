import { QueryError } from '../../../errors/index.ts';
import type { Row } from '../../query/index.ts';
import type { Bound } from '../binds.ts';
import type { Family } from '../dialects.ts';
import type { DriverConnection, Engine, KnexClient } from '../engine.ts';

interface Closable extends DriverConnection {
  close(): unknown;
}

/** SQL Server and Oracle: what knex itself does with their drivers, and no more. */
export function otherEngine(client: KnexClient, family: Family & ('mssql' | 'oracle')): Engine {
  const placeholder = family === 'mssql' ? (index: number) => `@p${index - 1}` : (index: number) => `:${index}`;
  const textOf = ({ text }: Bound): string => text.reduce((sql, piece, index) => sql + placeholder(index) + piece);
  return {
    family,
    blocking: false,
    async run(connection, bound, write) {
      const counted = family === 'mssql' && write ? ';select @@rowcount as hotline_rowcount' : '';
      const query = {
        sql: textOf(bound) + counted,
        bindings: client.prepBindings(bound.values),
        method: 'raw',
        options: {},
      };
      const done = await client._query(connection, query);
      const rows = client.processResponse({ ...done, method: 'select' }) as Row[];
      const rowCount = counted ? Number(rows.pop()?.['hotline_rowcount']) : (done.rowsAffected ?? rows.length);
      return { rows, rowCount };
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
