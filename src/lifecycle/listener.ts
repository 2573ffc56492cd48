import type { LifecycleEvent } from './event.ts';
import type { State } from './state.ts';

/** Who hears what happens to a lifecycle. */
export interface Listener<Raw, Config> {
  /** Where this connection of this process stands in a window that a fleet is spread over: 0 to 1. Absent: at its start. */
  place?(): number;
  changed(state: State<Raw, Config>, before: State<Raw, Config>): void;
  event(event: LifecycleEvent): void;
  /** Nobody uses it any more. */
  left(): void;
  /** Nothing is open and nothing is wanted. */
  rested(): void;
}
