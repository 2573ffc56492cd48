/** Rows that are nobody else's: what one caller does to them, no other sees. */
export function copyRows<R>(rows: readonly R[], flat: boolean = isFlat(rows)): R[] {
  const copies = new Array<R>(rows.length);
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index]!;
    copies[index] = flat ? { ...row } : copy(row);
  }
  return copies;
}

/** True when all rows are plain objects of scalars, which a spread copies whole. */
export function isFlat(rows: readonly unknown[]): boolean {
  return rows.every((row) => isPlain(row) && Object.values(row).every(isScalar));
}

function isScalar(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function copy<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  return copyObject(value) as T;
}

function copyObject(value: object): object {
  if (Array.isArray(value)) return value.map((item: unknown) => copy(item));
  if (Buffer.isBuffer(value)) return Buffer.from(value);
  const type = Object.prototype.toString.call(value);
  if (type === '[object Date]') return like(value, new Date((value as Date).getTime()));
  // Drivers have classes of their own for what JavaScript has no type for; a copy keeps their methods.
  if (type === '[object Object]') return like(value, {});
  return structuredClone(value);
}

/** Assigning to `__proto__` would give the copy another prototype. */
function put(table: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') table[key] = value;
  else Object.defineProperty(table, key, { value, enumerable: true, writable: true, configurable: true });
}

function like(original: object, blank: object): object {
  const prototype: unknown = Object.getPrototypeOf(original);
  if (Object.getPrototypeOf(blank) !== prototype) Object.setPrototypeOf(blank, prototype as object);
  for (const [key, value] of Object.entries(original)) put(blank as Record<string, unknown>, key, copy<unknown>(value));
  return blank;
}
