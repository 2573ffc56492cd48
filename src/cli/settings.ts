import type { BaseConnection, Secrets, Settings } from '../index.ts';
import type { Outlet } from './console.ts';
import { policyOf, writtenPolicy } from './policies.ts';
import { columns, displayPath, shortened, visible } from './text.ts';

/** A setting as it may be shown: what its kind does not call public is `[redacted]`. */
export interface ShownSetting {
  readonly path: string;
  readonly value: unknown;
  /** The source or file that says it. */
  readonly origin: string;
  /** One sentence of its kind. */
  readonly meaning?: string | undefined;
}

/** The settings for the connection itself. */
export function settingsOf(handle: BaseConnection<unknown>): ShownSetting[] {
  const { settings: known = {} } = handle.constructor as { readonly settings?: Settings };
  return handle.describe().settings.map((setting) => ({
    ...setting,
    meaning: (known[setting.path] ?? known[setting.path.split('.')[0]!])?.description,
  }));
}

/** The policies in the section. */
export function policiesIn(secrets: Secrets, name: string): ShownSetting[] {
  return secrets.keys(['connections', name]).flatMap((key) => {
    const policy = policyOf(key);
    const path = ['connections', name, key];
    const value = writtenPolicy(secrets.reveal(path));
    return policy ? [{ path: key, value, origin: secrets.origin(path) ?? '', meaning: policy.description }] : [];
  });
}

const widestValue = 60;

/** Settings in columns: name, value, where it was written. */
export function settingLines(settings: readonly ShownSetting[], colors: Outlet['colors']): string[] {
  const { dim, green } = colors;
  const rows = settings.map(({ path, value, origin }) => {
    const text = shortened(visible(textOf(value)), widestValue);
    return [visible(path), text === '[redacted]' ? dim(text) : green(text), dim(displayPath(origin))];
  });
  return columns(rows, '  ');
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Date) return value.toISOString();
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner)) ?? '';
}

/** JSON of settings. The replacer takes the values that `toJSON` has redacted, and writes a bigint as text. */
export function settingsJson(shown: unknown): string {
  return JSON.stringify(shown, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value), 2);
}
