import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { QueryTrace, TransactionTrace } from '../index.ts';
import type { Figures, Work } from './page/board-state.ts';

/** Durations of one connection that are remembered: enough for a median and a 95th percentile. */
const mostDurations = 128;
/** Milliseconds after which a duration is forgotten. */
const recent = 60_000;
/** The running statements and transactions that the page is told of; the longest first. */
const mostShown = 100;

interface Tally {
  calls: number;
  errors: number;
  durations: { readonly at: number; readonly took: number }[];
}

/**
 * The statements and transactions that run, and how many ran and how long they took. It listens to the diagnostics channels from
 * its making until `unsubscribe`, so what began before is not known. The channels are those of the process: connections of
 * another registry that have the same id are counted too.
 */
export class Activity {
  readonly #running = new Map<QueryTrace | TransactionTrace, number>();
  readonly #tallies = new Map<string, Tally>();
  #count = 0;

  constructor() {
    subscribe('hotline:query', this.#hearStatement);
    subscribe('hotline:transaction', this.#hearTransaction);
  }

  unsubscribe(): void {
    unsubscribe('hotline:query', this.#hearStatement);
    unsubscribe('hotline:transaction', this.#hearTransaction);
    this.#running.clear();
    this.#tallies.clear();
  }

  /** Counts and durations of a connection since this was made. */
  figures(id: string): Figures | undefined {
    const tally = this.#tallies.get(id);
    if (!tally) return undefined;
    const { calls, errors } = tally;
    const now = Date.now();
    tally.durations = tally.durations.filter(({ at }) => at > now - recent);
    const sorted = tally.durations.map(({ took }) => took).sort((a, b) => a - b);
    const at = (share: number): number => Math.round((sorted[Math.floor(sorted.length * share)] ?? 0) * 100) / 100;
    return { calls, errors, ...(sorted.length > 0 && { p50: at(0.5), p95: at(0.95) }) };
  }

  /** The work that runs on the connections of these ids, the longest first, and how much there is. */
  running(ids: ReadonlySet<string>): { readonly works: readonly Work[]; readonly count: number } {
    const works = [...this.#running].filter(([{ id }]) => ids.has(id)).map(([trace, n]) => workOf(trace, n));
    return { works: works.sort((a, b) => a.start - b.start).slice(0, mostShown), count: works.length };
  }

  readonly #hearStatement = (message: unknown): void => {
    const trace = message as QueryTrace;
    if (trace.phase === 'start') return this.#begin(trace);
    this.#running.delete(trace);
    const tally = this.#tallyOf(trace.id);
    tally.calls++;
    if (trace.error) tally.errors++;
    // A stream takes as long as its reader does.
    if (trace.operation === 'stream') return;
    tally.durations.push({ at: Date.now(), took: trace.duration ?? 0 });
    if (tally.durations.length > mostDurations) tally.durations.shift();
  };

  readonly #hearTransaction = (message: unknown): void => {
    const trace = message as TransactionTrace;
    if (trace.phase === 'start') this.#begin(trace);
    else this.#running.delete(trace);
  };

  #begin(trace: QueryTrace | TransactionTrace): void {
    this.#running.set(trace, ++this.#count);
  }

  #tallyOf(id: string): Tally {
    const known = this.#tallies.get(id);
    if (known) return known;
    const tally: Tally = { calls: 0, errors: 0, durations: [] };
    this.#tallies.set(id, tally);
    return tally;
  }
}

function workOf(trace: QueryTrace | TransactionTrace, n: number): Work {
  const { id, generation, operation, start } = trace;
  return {
    ...{ n, id, generation, operation, start: Math.round(start) },
    ...('sql' in trace && trace.sql !== undefined && { sql: shortened(trace.sql) }),
    ...('read' in trace && { rows: trace.read }),
  };
}

/** A long statement says in its first words what it is. */
export function shortened(sql: string): string {
  const line = sql.replaceAll(/\s+/g, ' ');
  return line.length > 500 ? `${line.slice(0, 500)} …` : line;
}
