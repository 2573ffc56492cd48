import type { ShownSetting } from '../settings.ts';
import { columns, shortened } from './columns.ts';
import type { Outlet } from './outlet.ts';
import { place } from './place.ts';
import { visible } from './visible.ts';

const widestValue = 60;

/** Settings in columns: name, value, where it was written. */
export function settingLines(settings: readonly ShownSetting[], colors: Outlet['colors']): string[] {
  const { dim, green } = colors;
  const rows = settings.map(({ path, value, origin }) => {
    const text = shortened(visible(textOf(value)), widestValue);
    return [visible(path), text === '[redacted]' ? dim(text) : green(text), dim(place(origin))];
  });
  return columns(rows, '  ');
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Date) return value.toISOString();
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner)) ?? '';
}
