import type { Outlet } from './outlet.ts';
import { shortened } from './columns.ts';
import { visible } from './visible.ts';

/** The value of a setting as `describe()` gives it: what its kind does not call public is `[redacted]` there. */
export function settingText(value: unknown, { dim, green }: Outlet['colors']): string {
  if (value === '[redacted]') return dim('[redacted]');
  const text = value instanceof Date ? value.toISOString() : typeof value === 'string' ? value : json(value);
  return green(shortened(visible(text), 60));
}

function json(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner)) ?? '';
}
