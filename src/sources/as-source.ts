import { distinctUntilChanged, Observable, ReplaySubject, share } from 'rxjs';
import { sameState } from './same-secrets.ts';
import type { Source, SourceState } from './source.ts';

/** A Source from its states: shared by all who subscribe, the last one kept for newcomers, none said twice. */
export function asSource(states$: Observable<SourceState>, also: Pick<Source, 'label' | 'look'>): Source {
  const shared$ = states$.pipe(distinctUntilChanged(sameState), share({ connector: () => new ReplaySubject(1) }));
  return Object.assign(new Observable<SourceState>((subscriber) => shared$.subscribe(subscriber)), also);
}
