/** A plain object, as files and params have them. */
export type Table = Readonly<Record<string, unknown>>;

/** Tells whether a value is a table: an object without a class. It may come from another realm. */
export function isTable(value: unknown): value is Table {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * A copy of `under` with the values of `over` in it, table by table at any depth; a value that is no table is replaced.
 * `undefined` means not given. The result shares no table with `over`.
 */
export function mergeTables(under: Table, over: Table): Record<string, unknown> {
  const merged = new Map(Object.entries(under));
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined) continue;
    const below = merged.get(key);
    merged.set(key, isTable(value) ? mergeTables(isTable(below) ? below : {}, value) : value);
  }
  return Object.fromEntries(merged);
}
