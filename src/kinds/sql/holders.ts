import type { Statement } from '../query/index.ts';
import type { DriverConnection } from './engine.ts';
import type { PoolChannel } from './pool-channel.ts';

/** The purpose of a held connection: a statement, perhaps one whose rows are streamed, or a phrase. */
export type Purpose = string | (Pick<Statement, 'sql'> & { readonly streamed?: boolean });

/** The purpose of a connection that knex takes by itself. */
export const ofUse = 'a callback of use';

/** More are only counted. */
const listed = 5;

/** The holders of the connections of a pool, and since when. */
export class Holders {
  readonly #held = new Map<DriverConnection, { readonly what: Purpose; readonly since: number }>();
  readonly #times: PoolChannel | undefined;

  constructor(times?: PoolChannel) {
    this.#times = times;
  }

  get connections(): readonly DriverConnection[] {
    return [...this.#held.keys()];
  }

  /** True where knex took it, for a callback of `use`. */
  foreign(connection: DriverConnection): boolean {
    return this.#held.get(connection)?.what === ofUse;
  }

  add(connection: DriverConnection, what: Purpose, since: number): void {
    this.#held.set(connection, { what, since });
  }

  has(connection: DriverConnection): boolean {
    return this.#held.has(connection);
  }

  /** Its holder is done with it. Returns whether it was held. */
  delete(connection: DriverConnection): boolean {
    const held = this.#held.get(connection);
    if (!held) return false;
    this.#times?.tell('use', held.since);
    return this.#held.delete(connection);
  }

  /** Nobody has used it. */
  forget(connection: DriverConnection): void {
    this.#held.delete(connection);
  }

  /** Names the holders who have held theirs for the longest, and what to do about it. */
  toString(): string {
    const now = performance.now();
    const all = [...this.#held.values()].sort((a, b) => a.since - b.since);
    const names = all
      .slice(0, listed)
      .map(({ what, since }) => `${shown(what)} (${((now - since) / 1000).toFixed(1)} s)`);
    const more = all.length > listed ? ` and ${all.length - listed} more` : '';
    const streams = all.some(({ what }) => typeof what !== 'string' && what.streamed);
    const itself = streams ? ' A call inside the loop over a stream waits for itself: take the rows first.' : '';
    return `${names.join(', ')}${more}.${itself} End them sooner, or raise knex.pool.max.`;
  }
}

function shown(what: Purpose): string {
  if (typeof what === 'string') return what;
  const line = what.sql.trim().replace(/\s+/g, ' ');
  return `${what.streamed ? 'a stream of ' : ''}"${line.length > 60 ? `${line.slice(0, 59)}…` : line}"`;
}
