import { expect } from '@jest/globals';
import {
  type ConnectionRegistry,
  createConnections,
  type SnowflakeConnection,
  type SqlConnection,
} from '../../src/index.ts';
import { type Plants, Witness } from './witness.ts';

const once = { retry: { attempts: 1 } } as const;

/** A registry and its witness; what the witness saw is returned once everything is closed. */
export async function witnessed(
  options: Parameters<typeof createConnections>[0],
  happens: (hot: ConnectionRegistry, witness: Witness) => Promise<void>,
): Promise<string[]> {
  const witness = new Witness();
  const hot = createConnections({ ...once, ...options });
  try {
    witness.registry(hot);
    await happens(hot, witness);
    for (const { id } of await listed(hot)) witness.handle(hot.handle(id)!);
    await hot.close({ timeout: 2000 });
  } finally {
    await hot.close({ timeout: 2000 });
  }
  expect(witness.text.length).toBeGreaterThan(2000);
  return witness.end();
}

async function listed(hot: ConnectionRegistry): Promise<readonly { id: string }[]> {
  let now: readonly { id: string }[] = [];
  hot.connections$.subscribe((list) => (now = list)).unsubscribe();
  return now;
}

/** Statements that a server answers by quoting what it was sent. */
export async function queries(
  sql: SqlConnection | SnowflakeConnection,
  witness: Witness,
  known: string,
  quoting: string[],
  plants: Plants,
): Promise<void> {
  witness.handle(sql);
  for (const statement of quoting) {
    const params = statement.includes('?')
      ? [plants.grow((mark) => `${mark}'"\\ and ${'long '.repeat(30)}`)]
      : undefined;
    const text = statement.replace('KNOWN', () => known);
    await witness.failing(() => sql.query(text, { params, retry: false }));
    await witness.failing(() => sql.execute(text, { params }));
    await witness.failing(async () => {
      for await (const row of sql.stream(text, { params })) witness.see(row);
    });
    await witness.failing(() => sql.transaction((tx) => tx.execute(text, { params })));
  }
  await witness.failing(() => sql.query('select :a as a', { params: { b: plants.grow() } }));
  await witness.failing(() => sql.query('select 1 as a', { params: plants.grow() as never }));
  await witness.failing(() => sql.query('select 1 as a', { ttl: plants.grow() as never }));
}
