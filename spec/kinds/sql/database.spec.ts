import { afterEach, describe, expect, it } from '@jest/globals';
import type { Knex } from 'knex';
import { SqlConnection } from '../../../src/kinds/sql/index.ts';
import { openPort, type Opened } from '../../support/port.ts';

const never = new AbortController().signal;
const reads = { write: false, signal: never };
let port: Opened<SqlConnection, Knex>;
const open = (config: object = {}) => (port = openPort(SqlConnection, { url: 'sqlite://', ...config }));
afterEach(() => port.close());

describe('a database', () => {
  it('refuses before it takes a connection', async () => {
    const { hooks } = open();
    const raw = await port.raw();
    const tx = await hooks.begin(raw, { readOnly: false, signal: never });
    await expect(hooks.run(raw, { sql: 'delete from pet' }, reads)).rejects.toMatchObject({
      code: 'write_in_query',
      connection: 'pets',
    });
    await expect(hooks.run(raw, { sql: 'select :a' }, reads)).rejects.toMatchObject({
      code: 'invalid_bind',
      connection: 'pets',
    });
    await expect(
      hooks.openCursor(raw, { sql: 'delete from pet' }, { signal: never, batchSize: 1 }),
    ).rejects.toMatchObject({ code: 'write_in_query' });
    await expect(
      tx.run({ sql: 'delete from pet' }, { ...reads, timeout: undefined, maxRows: undefined }),
    ).rejects.toMatchObject({ code: 'write_in_query', connection: 'pets' });
    await tx.rollback();
  });

  it('can hold as many transactions as its pool has connections', async () => {
    open();
    expect(port.hooks.capacity(await port.raw())).toBe(1);
  });

  it('waits for what runs when it closes, and answers no more afterwards', async () => {
    open();
    const raw = await port.raw();
    const tx = await port.hooks.begin(raw, { readOnly: false, signal: never });
    let closed = false;
    const closing = port.close().then(() => (closed = true));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(closed).toBe(false);
    await tx.rollback();
    await closing;
    await expect(port.hooks.run(raw, { sql: 'select 1' }, reads)).rejects.toMatchObject({ code: 'lease_aborted' });
  });

  it('has no channels on SQLite', async () => {
    open();
    const raw = await port.raw();
    expect(() => port.hooks.listen(raw, 'pets')).toThrow(expect.objectContaining({ code: 'not_supported' }));
  });
});
