import { connectionOf } from './connection-settings.ts';
import { isTable } from './merged.ts';
import type { QueryValue, Target } from './target.ts';

/** SQLAlchemy's engine options as knex's; those that mean nothing here are left out, as a Streamlit app may share the file. */
export function engineKwargs(kwargs: unknown, target: Target): Record<string, unknown> {
  if (!isTable(kwargs)) return {};
  const number = (name: string): number | undefined =>
    typeof kwargs[name] === 'number' && kwargs[name] >= 0 ? kwargs[name] : undefined;
  const [size, overflow] = [number('pool_size'), number('max_overflow')];
  // SQLAlchemy: five connections, and ten more where they are needed.
  const max = size === undefined && overflow === undefined ? undefined : (size ?? 5) + (overflow ?? 10);
  const timeout = number('pool_timeout');
  const recycle = number('pool_recycle');
  const pool = {
    ...(max && { max }),
    ...(recycle && { maxConnectionLifetimeMillis: recycle * 1000 }),
  };
  const connect = kwargs['connect_args'];
  const args = isTable(connect) ? (connect as Record<string, QueryValue>) : {};
  return {
    ...(Object.keys(pool).length > 0 && { pool }),
    ...(timeout && { acquireConnectionTimeout: timeout * 1000 }),
    ...(isTable(connect) && { connection: connectionOf({ ...target, query: { ...target.query, ...args } }) }),
  };
}
