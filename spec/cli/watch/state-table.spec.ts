import pc from 'picocolors';
import { expect, it } from '@jest/globals';
import { OpenError, type ListedConnection } from 'hotline';
import { stateTable } from '../../../src/cli/watch/state-table.ts';

const colors = pc.createColors(false);
const listed = (name: string, status: object): ListedConnection =>
  ({
    id: name,
    name,
    kind: 'SqlConnection',
    status: { id: name, name, since: 1000, generation: 0, ...status },
  }) as never;

it('shows state, instance, use, and an error with its next attempt', () => {
  const error = new OpenError('open_failed', '"wh": refused', { connection: 'wh' });
  const rows = [
    listed('pets', { state: 'replacing', generation: 3 }),
    listed('wh', { state: 'failed', error, nextRetryAt: 6500 }),
  ];
  const pool = { size: 4, used: 3, idle: 1, waiting: 0 };
  const stats = (name: string) => ({ leases: 0, interest: 0, draining: 0, ...(name === 'pets' && { pool }) });
  expect(stateTable(rows, stats as never, colors, 5000)).toEqual([
    '',
    '  name  kind           state      instance  for  pool',
    '◐ pets  SqlConnection  replacing  #3        4 s  3 of 4 in use',
    '✗ wh    SqlConnection  failed               4 s',
    '    next attempt in 1.5 s; refused',
  ]);
  expect(stateTable([], stats as never, colors, 0)).toEqual([]);
});
