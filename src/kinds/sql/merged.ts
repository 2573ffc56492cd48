type Table = Readonly<Record<string, unknown>>;

/** `over` on `under`, table by table at any depth; everything else is replaced. */
export function merged(under: Table, over: unknown): Record<string, unknown> {
  const result = new Map<string, unknown>(Object.entries(under));
  for (const [name, value] of Object.entries(isTable(over) ? over : {})) {
    const below = result.get(name);
    result.set(name, isTable(value) && isTable(below) ? merged(below, value) : value);
  }
  return Object.fromEntries(result);
}

export function isTable(value: unknown): value is Table {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
