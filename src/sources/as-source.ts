import { Observable } from 'rxjs';
import type { Source, SourceState } from './source.ts';

/** A Source from its states and what it has besides. */
export function asSource(states$: Observable<SourceState>, also: Pick<Source, 'label' | 'look'>): Source {
  return Object.assign(new Observable<SourceState>((subscriber) => states$.subscribe(subscriber)), also);
}
