// One stream for two consumers of different speed: the fast one may be some batches ahead, and memory is bounded.

/**
 * Works on values one after another. `push` resolves at once while fewer than `room` are ahead, else when the oldest of them is done;
 * it rejects when the work has failed. `end` resolves when all are done.
 */
export function worker(work, room) {
  const ahead = [];
  let last = Promise.resolve();
  return {
    push(value) {
      last = last.then(() => work(value));
      // Whoever pushes later, or ends, is told.
      last.catch(() => undefined);
      ahead.push(last);
      return ahead.length > room ? ahead.shift() : Promise.resolve();
    },
    end: () => last,
  };
}

/** Reads a statement once for both; `slow` may be `room` batches behind. */
export async function fanOut(db, sql, { fast, slow, room = 8, batchSize = 1000 }) {
  const behind = worker(slow, room);
  for await (const rows of db.batches(sql, { batchSize })) await Promise.all([fast(rows), behind.push(rows)]);
  await behind.end();
}
