import type { Observable } from 'rxjs';
import type { HotlineError } from '../errors/index.ts';
import type { LifecycleEvent } from './events.ts';
import type { State } from './state.ts';

/** The resource that a lifecycle opens and closes, as Observables. */
export interface Resource<Raw, Config> {
  /** Two instances can live side by side. */
  readonly overlap: boolean;
  /** Emits the raw resource once. It should stop when the signal fires; what arrives later is closed. */
  open(config: Config, signal: AbortSignal): Observable<Raw>;
  /** Completes when the resource answers. */
  check(raw: Raw, signal: AbortSignal): Observable<unknown>;
  /** The scheduler's time at which its credentials end; `Infinity`: never. Throws where that cannot be: the opening fails. */
  expiresAt(raw: Raw, now: number): number;
  close(raw: Raw, signal: AbortSignal): Observable<unknown>;
  /** The instance was retired and may still have leases. */
  retire(raw: Raw): void;
  /** The leases of a retired instance were cut: ends the work that still runs on it. */
  cut?(raw: Raw): void;
  /** Tells whether an open instance stays as it is although the config changed. */
  keeps(before: Config, after: Config): boolean;
  /** The error with the connection's name and without any secret of `config`. */
  named<E extends HotlineError>(error: E, config: Config): E;
  /** The HotlineError, with its category, for a value that was thrown while opening with `config`. */
  failure(error: unknown, config: Config): HotlineError;
}

/** Receives the changes and events of a lifecycle. */
export interface Listener<Raw, Config> {
  /** The identity of the connection. */
  readonly id?: string;
  changed(state: State<Raw, Config>, before: State<Raw, Config>): void;
  event(event: LifecycleEvent): void;
  /** Nobody uses it any more. */
  left(): void;
  /** Nothing is open and nothing is wanted. */
  rested(): void;
}
