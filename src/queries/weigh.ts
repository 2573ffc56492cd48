/** About how many bytes a value takes in memory: near enough to bound a cache by. */
export function weigh(value: unknown): number {
  if (typeof value === 'string') return 16 + value.length * 2;
  if (typeof value !== 'object' || value === null) return 8;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return 64 + value.byteLength;
  let bytes = 32;
  for (const inner of Object.values(value)) bytes += 8 + weigh(inner);
  return bytes;
}
