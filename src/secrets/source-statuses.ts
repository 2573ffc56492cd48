import { BehaviorSubject, Subject, type Observable } from 'rxjs';
import type { HotlineError } from '../errors/index.ts';
import type { SecretTree, Trust } from '../sources/source.ts';
import type { SettledSource } from './settled-source.ts';
import type { Problem, ReferenceWarning } from './references.ts';

/** The state of a source, without a secret in it. */
export interface SourceStatus {
  /** The name of the source in events, origins and errors. */
  readonly label: string;
  /**
   * - `waiting`: it has not emitted yet
   * - `loaded`: its latest secrets are in use
   * - `missing`: it is not there; the secrets that it had last stay in use
   * - `failed`: its latest secrets cannot be used; those before them stay in use
   */
  readonly state: 'waiting' | 'loaded' | 'missing' | 'failed';
  /** The time when this state began, in milliseconds since the epoch. */
  readonly since: number;
  /** The reason why its latest secrets cannot be used, or why it is not there. */
  readonly error?: HotlineError;
  /** Tells whether its values may name files and modules of this machine. */
  readonly trust: Trust;
}

/**
 * An event of the secrets. `at` is in milliseconds since the epoch.
 *
 * @inline
 */
export type SecretsEvent =
  | { readonly type: 'source.loaded'; readonly at: number; readonly source: string }
  | { readonly type: 'source.missing'; readonly at: number; readonly source: string; readonly error?: HotlineError }
  | { readonly type: 'source.failed'; readonly at: number; readonly source: string; readonly error: HotlineError }
  | {
      readonly type: 'warning';
      readonly at: number;
      readonly code: string;
      readonly message: string;
      readonly source?: string;
    };

/** The statuses of the sources, and an event for each change. */
export class SourceStatuses {
  readonly #statuses: BehaviorSubject<readonly SourceStatus[]>;
  readonly #events = new Subject<SecretsEvent>();
  readonly #now: () => number;
  readonly #warned = new Set<string>();
  /** The tree of the last event of each source: a later warning is not a load. */
  readonly #reported: (SecretTree | undefined)[] = [];

  constructor(labels: readonly string[], now: () => number) {
    const since = now();
    this.#now = now;
    this.#statuses = new BehaviorSubject<readonly SourceStatus[]>(
      labels.map((label) => ({ label, state: 'waiting', since, trust: 'remote' })),
    );
  }

  get statuses$(): Observable<readonly SourceStatus[]> {
    return this.#statuses.asObservable();
  }

  get events$(): Observable<SecretsEvent> {
    return this.#events.asObservable();
  }

  /** Takes over the state of the sources; emits what is new. */
  update(
    sources: readonly (SettledSource | undefined)[],
    problems: readonly Problem[],
    stray: readonly ReferenceWarning[] = [],
  ): void {
    const before = this.#statuses.value;
    const fresh: number[] = [];
    const after = before.map((status, source) => {
      const reading = sources[source]?.reading;
      const problem = problems.find((one) => one.source === source);
      // A file that the source refers to is not read yet.
      if (!reading || (problem && !problem.error)) return status;
      // A problem is one of the secrets that were loaded last; a failed reading is newer.
      const state = problem && reading.state === 'loaded' ? 'failed' : reading.state;
      const error = reading.error ?? problem?.error;
      const told = status.state === state && alike(status.error, error) && status.trust === reading.trust;
      if (told && (state !== 'loaded' || this.#reported[source] === reading.good?.tree)) return status;
      this.#reported[source] = reading.good?.tree;
      fresh.push(source);
      const since = status.state === state && state !== 'loaded' ? status.since : this.#now();
      return { label: status.label, state, since, trust: reading.trust, ...(error && { error }) };
    });
    if (fresh.length > 0) this.#statuses.next(after);
    for (const source of fresh) this.#events.next(eventOf(after[source]!, this.#now()));
    sources.forEach((one, source) =>
      one?.reading.warnings?.forEach((warning) => this.#warn(after[source]!.label, warning)),
    );
    for (const { source, message } of stray) this.#warn(after[source]!.label, { code: 'stray_reference', message });
  }

  #warn(source: string, { code, message }: { readonly code: string; readonly message: string }): void {
    if (this.#warned.has(message)) return;
    this.#warned.add(message);
    this.#events.next({ type: 'warning', at: this.#now(), source, code, message });
  }

  close(): void {
    this.#statuses.complete();
    this.#events.complete();
  }
}

function alike(a: HotlineError | undefined, b: HotlineError | undefined): boolean {
  return a?.code === b?.code && a?.message === b?.message;
}

function eventOf({ label: source, state, error }: SourceStatus, at: number): SecretsEvent {
  if (state === 'failed') return { type: 'source.failed', at, source, error: error! };
  if (state === 'missing') return { type: 'source.missing', at, source, ...(error && { error }) };
  return { type: 'source.loaded', at, source };
}
