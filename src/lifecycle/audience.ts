import type { Outcome } from './outcome.ts';

type Hear<Raw, Config> = (outcome: Outcome<Raw, Config>) => void;

/** Those who are told of outcomes. Plain callbacks, because joining is on the hot path and a Subject costs twice as much. */
export class Audience<Raw, Config> {
  readonly #hearers = new Set<{ readonly hear: Hear<Raw, Config>; readonly turn: number }>();

  /** Who joins in a turn was not there when what it is told of happened. The result leaves, and says whether it was there. */
  join(hear: Hear<Raw, Config>, turn: number): () => boolean {
    const hearer = { hear, turn };
    this.#hearers.add(hearer);
    return () => this.#hearers.delete(hearer);
  }

  tell(outcome: Outcome<Raw, Config>, turn: number): void {
    for (const hearer of [...this.#hearers])
      if (hearer.turn !== turn && this.#hearers.has(hearer)) hearer.hear(outcome);
  }
}
