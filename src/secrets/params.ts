import { isTable } from './tree.ts';

/** Params over settings, key by key at any depth; what is no plain table is replaced and passed on as it is. `undefined` means not given. */
export function over(
  settings: Readonly<Record<string, unknown>>,
  params: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const merged = new Map(Object.entries(settings));
  for (const [key, param] of Object.entries(params)) {
    if (param === undefined) continue;
    const setting = merged.get(key);
    merged.set(key, isTable(param) ? over(isTable(setting) ? setting : {}, param) : param);
  }
  return Object.fromEntries(merged);
}

/** Whether the params say something at a path, or replace what is above it. */
export function stated(params: unknown, path: readonly string[]): boolean {
  const [key, ...rest] = path;
  if (key === undefined) return params !== undefined;
  if (!isTable(params)) return params !== undefined;
  return Object.hasOwn(params, key) && stated(params[key], rest);
}
