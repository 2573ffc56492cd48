import { distinctUntilChanged, Observable, ReplaySubject, share } from 'rxjs';
import type { Source, SourceState } from './source.ts';

/**
 * A Source from its states: shared by all who subscribe, the last one kept for newcomers, no trouble told twice.
 * Whether secrets that are read again are still the same is for those to find who keep them.
 */
export function asSource(states$: Observable<SourceState>, also: Pick<Source, 'label' | 'look'>): Source {
  const shared$ = states$.pipe(distinctUntilChanged(alike), share({ connector: () => new ReplaySubject(1) }));
  return Object.assign(new Observable<SourceState>((subscriber) => shared$.subscribe(subscriber)), also);
}

function alike(a: SourceState, b: SourceState): boolean {
  if (a === b) return true;
  return a.state !== 'loaded' && a.state === b.state && a.error?.message === b.error?.message;
}
