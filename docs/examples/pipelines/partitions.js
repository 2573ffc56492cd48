// The parts of a table side by side, each on a connection of the pool.
import { from, mergeMap } from 'rxjs';

/** Splits the keys of a table into parts of about equal width. */
export async function partsOf(db, table, count) {
  const [{ low, high }] = await db.query(`select min(id) as low, max(id) as high from ${table}`);
  if (low === null) return [];
  const width = Math.ceil((high - low + 1) / count);
  return Array.from({ length: count }, (_, part) => ({ low: low + part * width, high: low + (part + 1) * width }));
}

/** What `project` makes of each batch, of at most `atOnce` parts at a time. Keep `atOnce` below the size of the pool. */
export function inParts$(db, table, parts, project, atOnce = 4) {
  const sql = `select * from ${table} where id >= :low and id < :high order by id`;
  return from(parts).pipe(mergeMap((params) => db.batches$(sql, { params, project }), atOnce));
}
