import { filter, firstValueFrom, ReplaySubject, type Subscription } from 'rxjs';
import type { Source, SourceState } from '../../../src/sources/index.ts';

/** A subscription to a source with all that it has said. */
export class States {
  readonly all: SourceState[] = [];
  readonly #replay = new ReplaySubject<SourceState>();
  readonly #subscription: Subscription;

  constructor(source: Source) {
    this.#subscription = source.subscribe((state) => {
      this.all.push(state);
      this.#replay.next(state);
    });
  }

  /** The first state, said or to be said, that is like this. */
  first(wanted: (state: SourceState) => boolean): Promise<SourceState> {
    return firstValueFrom(this.#replay.pipe(filter(wanted)));
  }

  /** The state in which a key at the top has this value. */
  value(key: string, value: unknown): Promise<SourceState> {
    return this.first((state) => state.state === 'loaded' && state.secrets[key] === value);
  }

  /** Waits until something holds of what was said. */
  async until(holds: () => boolean): Promise<void> {
    for (let waited = 0; !holds(); waited += 10) {
      if (waited > 10_000) throw new Error(`waited in vain; said: ${this.all.map(({ state }) => state).join(', ')}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Settled enough that whatever was going to be said has been said: several times the settle time. */
  async quiet(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 300));
  }

  stop(): void {
    this.#subscription.unsubscribe();
  }
}

/** The first thing that a source says. */
export function firstState(source: Source): Promise<SourceState> {
  return firstValueFrom(source);
}

/** What it says when it is loaded, as ordinary objects. */
export function secretsOf(state: SourceState): unknown {
  if (state.state !== 'loaded') throw new Error(`expected a loaded source, got ${state.state}: ${messageOf(state)}`);
  return structuredClone(state.secrets);
}

export function messageOf(state: SourceState): string {
  return state.state === 'loaded' ? '' : (state.error?.message ?? '');
}
