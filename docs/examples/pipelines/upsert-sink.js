// A sink that may be given the same rows twice: each key is inserted, or its other columns are replaced.

/** Returns what writes one batch into a table. Of rows with one key the last counts: a statement may not touch a row twice. */
export function upsertInto(db, table, key) {
  return async (rows) => {
    const latest = [...new Map(rows.map((row) => [row[key], row])).values()];
    if (latest.length === 0) return 0;
    const update = Object.keys(latest[0]).filter((column) => column !== key);
    const { rowCount } = await db.insertRows(table, latest, { onConflict: { target: [key], update } });
    return rowCount;
  };
}
