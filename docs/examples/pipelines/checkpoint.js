// A copy that goes on where it was cut: a key, a checkpoint, a back-off, and a rotation of either side.
import { setTimeout as wait } from 'node:timers/promises';

/**
 * Copies a table. The greatest key of the target is the checkpoint: a batch is written as a whole, in the order of the key. After
 * a cut it is read again, since the last batch may be there although nobody said so.
 */
export async function copyTable(from, to, { batchSize = 1000, delay = 100, longest = 30_000 } = {}) {
  for (let failures = 0; ; failures++)
    try {
      const [{ last }] = await to.query('select coalesce(max(id), 0) as last from pet');
      const rows = from.batches('select id, amount from pet where id > :last order by id', {
        params: { last },
        batchSize,
      });
      for await (const pets of rows) {
        await to.insertRows('pet', pets, { onConflict: 'ignore' });
        failures = 0;
      }
      return;
    } catch (error) {
      // A key that is twice there, a table that is missing: once more would fail again.
      if (!error.resumable) throw error;
      await wait(Math.random() * Math.min(longest, delay * 2 ** failures));
    }
}
