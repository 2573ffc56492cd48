import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Contender, Target } from './contender.ts';

/** What the workers of one run saw. */
export interface Tally {
  readonly queries: number;
  /** Queries and transactions that failed, up to where the scenario cut every connection, if it did. */
  readonly failed: number;
  readonly failedAfterCut: number;
  /** Queries begun after the contender said that newcomers get the new target, and served by another. */
  readonly misplaced: number;
  readonly slowest: number;
  readonly p99: number;
  readonly firstError?: string;
}

/** The load on a contender while a scenario happens to it. */
export interface Load {
  /** From now on queries must be served here. */
  expect(target: Target): void;
  /** From now on failures are counted apart: every connection has been cut. */
  cut(): void;
  end(): Promise<Tally>;
}

const workers = 24;
const transactionTime = 1200;

/** Workers that send `where` without pause, and one long transaction that is open meanwhile. */
export function startLoad({ query, transaction }: Contender, where: string): Load {
  let ended = false;
  let cut = false;
  let expected: string | undefined;
  const latencies: number[] = [];
  const errors: string[] = [];
  let failedAfterCut = 0;
  let misplaced = 0;

  const fail = (error: unknown): void => {
    if (cut) failedAfterCut++;
    else errors.push(error instanceof Error ? error.message : String(error));
  };

  const work = async (): Promise<void> => {
    while (!ended) {
      const began = performance.now();
      const place = expected;
      try {
        const [row] = await query(where);
        if (place !== undefined && row?.['place'] !== place) misplaced++;
      } catch (error) {
        fail(error);
        await sleep(20);
      }
      latencies.push(performance.now() - began);
      // SQLite answers within the turn: nothing else would ever have one.
      await nextTurn();
    }
  };
  const long = async (): Promise<void> => {
    await transaction(async (inside) => {
      await inside('select 1');
      await sleep(transactionTime);
      await inside('select 1');
    });
  };
  const running = [...Array.from({ length: workers }, work), long().catch(fail)];

  return {
    expect: ({ place }) => void (expected = place),
    cut: () => void (cut = true),
    async end() {
      ended = true;
      await Promise.all(running);
      const sorted = latencies.sort((a, b) => a - b);
      return {
        queries: sorted.length,
        failed: errors.length,
        failedAfterCut,
        misplaced,
        slowest: sorted.at(-1) ?? 0,
        p99: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
        ...(errors[0] !== undefined && { firstError: errors[0] }),
      };
    },
  };
}
