import type { Observable } from 'rxjs';
import type { HotlineError } from '../errors/index.ts';

/** What a lifecycle opens and closes. Promises of a kind are turned into Observables before they get here. */
export interface Resource<Raw, Config> {
  /** Whether two instances can live side by side. */
  readonly overlap: boolean;
  /** Emits the raw resource once. It should stop when the signal fires; what arrives later is closed. */
  open(config: Config, signal: AbortSignal): Observable<Raw>;
  /** Completes when the resource answers. */
  check(raw: Raw, signal: AbortSignal): Observable<unknown>;
  /** When what it was opened with runs out, by the scheduler's clock; `Infinity`: never. */
  expiresAt(raw: Raw): number;
  close(raw: Raw, signal: AbortSignal): Observable<unknown>;
  /** The instance was retired and may still have leases. */
  retire(raw: Raw): void;
  /** Whether an open instance may stay as it is although the config changed. */
  keeps(before: Config, after: Config): boolean;
  /** The error as others may see it: whose instance it is about, and nothing secret of `config` in it. */
  named<E extends HotlineError>(error: E, config: Config): E;
  /** One of our errors, with its category, from whatever was thrown while opening with `config`. */
  failure(error: unknown, config: Config): HotlineError;
}
