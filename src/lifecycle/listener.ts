import type { LifecycleEvent } from './event.ts';
import type { State } from './state.ts';

/** Who hears what happens to a lifecycle. */
export interface Listener<Raw, Config> {
  /** Which connection it is of. */
  readonly id?: string;
  changed(state: State<Raw, Config>, before: State<Raw, Config>): void;
  event(event: LifecycleEvent): void;
  /** Nobody uses it any more. */
  left(): void;
  /** Nothing is open and nothing is wanted. */
  rested(): void;
}
