// What has changed since a mark, without a trigger: a column that grows with each write, and the key for rows that share its value.

/** The first mark: everything is after it. */
export const beginning = { changed: 0, id: 0 };

/** Gives `{ rows, mark }` until nothing is left. Keep the mark when the rows are done, and begin with it the next time. */
export async function* changesSince(db, mark, limit = 1000) {
  for (;;) {
    const rows = await db.query(
      'select * from pet where changed > :changed or (changed = :changed and id > :id) order by changed, id limit :limit',
      { params: { ...mark, limit } },
    );
    if (rows.length === 0) return;
    const { changed, id } = rows.at(-1);
    mark = { changed, id };
    yield { rows, mark };
  }
}
