import { BehaviorSubject, type Observable, Subject } from 'rxjs';
import type { HotlineError } from '../errors/index.ts';
import type { SecretsEvent, SourceStatus } from './event.ts';
import type { Layer } from './layer.ts';
import type { Problem } from './references.ts';
import type { Good } from './stratum.ts';

/** What is known of the sources: the status of each, and an event for each change. */
export class SourceBoard {
  readonly #statuses: BehaviorSubject<readonly SourceStatus[]>;
  readonly #events = new Subject<SecretsEvent>();
  readonly #now: () => number;
  readonly #goods: (Good | undefined)[] = [];

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
      const layer = layers[source];
      const problem = problems.find((one) => one.source === source);
      // Not known yet, whether what it says can be used.
      if (!layer || (problem && !problem.error)) return status;
      const state = problem ? 'failed' : layer.state;
      const error = problem ? problem.error : layer.error;
      const told = status.state === state && alike(status.error, error) && status.trust === layer.trust;
      if (told && (state !== 'loaded' || this.#goods[source] === layer.good)) return status;
      this.#goods[source] = layer.good;
      fresh.push(source);
      const since = status.state === state && state !== 'loaded' ? status.since : this.#now();
      return { label: status.label, state, since, trust: layer.trust, ...(error && { error }) };
    });
    if (fresh.length === 0) return;
    this.#statuses.next(after);
    for (const source of fresh) this.#events.next(eventOf(after[source]!, this.#now()));
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
