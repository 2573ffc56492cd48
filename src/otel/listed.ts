import type { Observable } from 'rxjs';
import type { ConnectionStatus } from '../index.ts';

/** What a replayed stream says at this moment. */
export function now<T>(values$: Observable<readonly T[]>): readonly T[] {
  let latest: readonly T[] = [];
  values$.subscribe((values) => (latest = values)).unsubscribe();
  return latest;
}

/** Whether an instance serves. */
export function serves({ state }: ConnectionStatus): boolean {
  return state === 'ready' || state === 'replacing' || state === 'degraded';
}
