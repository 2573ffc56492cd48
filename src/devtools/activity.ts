import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { filter, firstValueFrom, Subject, timeout, type Unsubscribable } from 'rxjs';
import { QueryError, type QueryTrace, type TransactionTrace, type UseTrace } from '../index.ts';
import type { Figures, Work } from './page/board-state.ts';

/** Durations of one connection that are remembered: enough for a median and a 95th percentile. */
const mostDurations = 128;
/** Milliseconds after which a duration is forgotten. */
const recent = 60_000;
/** The running statements and transactions that the page is told of; the longest first. */
const mostShown = 100;
/** Milliseconds in which a statement that was cancelled should end. */
const patience = 5_000;

type Trace = QueryTrace | TransactionTrace | UseTrace;

/** Channels of what has a beginning and an end, and is no statement. */
const spans = ['hotline:transaction', 'hotline:use'];

interface Tally {
  calls: number;
  errors: number;
  durations: { readonly at: number; readonly took: number }[];
}

/**
 * The statements, transactions and leases that run, and how many statements ran and how long they took. It listens to the
 * diagnostics channels from `listen` until that is unsubscribed, so what began before is not known. The channels are those of
 * the process: connections of another registry that have the same id are counted too.
 */
export class Activity {
  readonly #running = new Map<Trace, number>();
  readonly #tallies = new Map<string, Tally>();
  readonly #ended = new Subject<Trace>();
  readonly #cancellable: boolean;
  #count = 0;

  /** `cancellable`: statements that begin while it listens can be cancelled. */
  constructor(cancellable = false) {
    this.#cancellable = cancellable;
  }

  listen(): Unsubscribable {
    subscribe('hotline:query', this.#hearStatement);
    for (const channel of spans) subscribe(channel, this.#hearSpan);
    return {
      unsubscribe: () => {
        unsubscribe('hotline:query', this.#hearStatement);
        for (const channel of spans) unsubscribe(channel, this.#hearSpan);
        this.#running.clear();
        this.#tallies.clear();
      },
    };
  }

  /** Cancels a statement of a connection; resolves when it has ended. `undefined`: it does not run, or cannot be cancelled. */
  cancel(id: string, n: number): (() => Promise<unknown>) | undefined {
    const trace = [...this.#running].find(([one, count]) => one.id === id && count === n)?.[0];
    const { cancel } = (trace ?? {}) as { readonly cancel?: () => void };
    if (!cancel) return undefined;
    const goesOn = (): never => {
      const message = `"${id}": it was told to stop, and goes on: its kind cannot stop it on the server, or the server does not answer.`;
      throw new QueryError('timeout', message, { connection: id });
    };
    return async () => {
      const ended = firstValueFrom(
        this.#ended.pipe(
          filter((one) => one === trace),
          timeout({ first: patience, with: goesOn }),
        ),
      );
      cancel();
      await ended;
    };
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
    if (trace.phase === 'start') {
      if (this.#cancellable) trace.cancellable = true;
      return this.#begin(trace);
    }
    this.#end(trace);
    const tally = this.#tallyOf(trace.id);
    tally.calls++;
    if (trace.error) tally.errors++;
    // A stream takes as long as its reader does.
    if (trace.operation === 'stream') return;
    tally.durations.push({ at: Date.now(), took: trace.duration ?? 0 });
    if (tally.durations.length > mostDurations) tally.durations.shift();
  };

  readonly #hearSpan = (message: unknown): void => {
    const trace = message as TransactionTrace | UseTrace;
    if (trace.phase === 'start') this.#begin(trace);
    else this.#end(trace);
  };

  #begin(trace: Trace): void {
    this.#running.set(trace, ++this.#count);
  }

  #end(trace: Trace): void {
    this.#running.delete(trace);
    this.#ended.next(trace);
  }

  #tallyOf(id: string): Tally {
    const known = this.#tallies.get(id);
    if (known) return known;
    const tally: Tally = { calls: 0, errors: 0, durations: [] };
    this.#tallies.set(id, tally);
    return tally;
  }
}

function workOf(trace: Trace, n: number): Work {
  const { id, generation, operation, start } = trace;
  return {
    ...{ n, id, generation, operation, start: Math.round(start) },
    ...('sql' in trace && trace.sql !== undefined && { sql: shortened(trace.sql) }),
    ...('read' in trace && { rows: trace.read }),
    ...('cancel' in trace && { cancellable: true as const }),
  };
}

/** A long statement says in its first words what it is. */
export function shortened(sql: string): string {
  const line = sql.replaceAll(/\s+/g, ' ');
  return line.length > 500 ? `${line.slice(0, 500)} …` : line;
}
