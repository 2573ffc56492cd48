import { createHash } from 'node:crypto';
import { canonical, type NameOf } from '../canonical.ts';
import type { Statement } from './statement.ts';

/** The text for what decides which data a connection sees. It is hashed, since settings have secrets in them. */
export function scopeKey(kind: string, scope: unknown, nameOf: NameOf): string | undefined {
  const text = canonical([kind, scope], nameOf);
  return text === undefined ? undefined : createHash('sha256').update(text, 'utf8').digest('base64url');
}

/** The key of a result, or `undefined` when the params cannot be compared: then it is not cached. */
export function cacheKey(
  scope: string,
  { sql, params, options }: Statement,
  maxRows: number | undefined,
): string | undefined {
  const values = canonical(params);
  const others = options === undefined ? '' : canonical(options);
  if (values === undefined || others === undefined) return undefined;
  return `${scope.length}:${scope}${sql.length}:${sql}${values}${others}${maxRows ?? ''}`;
}
