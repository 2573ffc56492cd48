import { BehaviorSubject, type Observable, Subject } from 'rxjs';
import type { HotlineError } from '../errors/index.ts';
import type { SecretTree, SourceWarning } from '../sources/source.ts';
import type { SecretsEvent, SourceStatus } from './event.ts';
import type { Layer } from './layer.ts';
import type { Problem } from './references.ts';

/** What is known of the sources: the status of each, and an event for each change. */
export class SourceBoard {
  readonly #statuses: BehaviorSubject<readonly SourceStatus[]>;
  readonly #events = new Subject<SecretsEvent>();
  readonly #now: () => number;
  readonly #warned = new Set<string>();
  /** What was last told of, by value: a warning that comes later does not load anything. */
  readonly #told: (SecretTree | undefined)[] = [];

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

  /** Tells what is new about the sources. */
  tell(layers: readonly (Layer | undefined)[], problems: readonly Problem[]): void {
    const before = this.#statuses.value;
    const fresh: number[] = [];
    const after = before.map((status, source) => {
      const reading = layers[source]?.reading;
      const problem = problems.find((one) => one.source === source);
      // Not known yet, whether what it says can be used.
      if (!reading || (problem && !problem.error)) return status;
      // A problem is one of what was loaded last; that this cannot be read now is the news.
      const state = problem && reading.state === 'loaded' ? 'failed' : reading.state;
      const error = reading.error ?? problem?.error;
      const told = status.state === state && alike(status.error, error) && status.trust === reading.trust;
      if (told && (state !== 'loaded' || this.#told[source] === reading.good?.tree)) return status;
      this.#told[source] = reading.good?.tree;
      fresh.push(source);
      const since = status.state === state && state !== 'loaded' ? status.since : this.#now();
      return { label: status.label, state, since, trust: reading.trust, ...(error && { error }) };
    });
    if (fresh.length > 0) this.#statuses.next(after);
    for (const source of fresh) this.#events.next(eventOf(after[source]!, this.#now()));
    layers.forEach((layer, source) =>
      layer?.reading.warnings?.forEach((warning) => this.#warn(after[source]!.label, warning)),
    );
  }

  #warn(source: string, { code, message }: SourceWarning): void {
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
