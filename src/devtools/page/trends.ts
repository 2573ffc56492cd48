import type { BoardState, Figures } from './board-state.ts';

/** Buckets that are kept of each connection, and seconds of each: five minutes. */
const buckets = 60;
const bucketSeconds = 5;

/** The last minutes of one connection. */
export interface Trend {
  /** Calls a second, over the last seconds. */
  readonly rate: number;
  /** Calls in each bucket, the oldest first. */
  readonly calls: readonly number[];
}

interface Kept {
  before: Figures;
  readonly calls: number[];
  bucket: number;
}

/** Makes trends of the figures that states bring, once a second. */
export class Trends {
  readonly #kept = new Map<string, Kept>();

  /** Takes in a state. A connection that is not in it any more is forgotten. */
  take({ connections }: Pick<BoardState, 'connections'>, now: number): void {
    const bucket = Math.floor(now / 1000 / bucketSeconds);
    const ids = new Set(connections.map(({ id }) => id));
    for (const id of this.#kept.keys()) if (!ids.has(id)) this.#kept.delete(id);
    for (const { id, figures } of connections) {
      if (!figures) continue;
      const kept = this.#kept.get(id) ?? { before: { calls: 0, errors: 0 }, calls: [0], bucket };
      this.#kept.set(id, kept);
      for (; kept.bucket < bucket; kept.bucket++) kept.calls.push(0);
      kept.calls.splice(0, kept.calls.length - buckets);
      // After the page was away the program counts from nought.
      const more = figures.calls - kept.before.calls;
      kept.calls[kept.calls.length - 1]! += more < 0 ? figures.calls : more;
      kept.before = figures;
    }
  }

  of(id: string): Trend | undefined {
    const kept = this.#kept.get(id);
    if (!kept) return undefined;
    // The present bucket has only begun.
    const over = kept.calls.length > 1 ? kept.calls.at(-2)! : kept.calls.at(-1)!;
    return { rate: over / bucketSeconds, calls: kept.calls };
  }
}

/** The points of a line through the values, in a box of so many units. */
export function polyline(values: readonly number[], width: number, height: number): string {
  const most = Math.max(1, ...values);
  const left = buckets - values.length;
  const at = (value: number, index: number): string =>
    `${(((left + index) / (buckets - 1)) * width).toFixed(1)},${(height - (value / most) * height).toFixed(1)}`;
  return values.map(at).join(' ');
}
