import { channel } from 'node:diagnostics_channel';

/**
 * The message on `hotline:pool` about one physical connection of a pool: it was opened, somebody waited for one, or it was
 * given back. Sent when that has happened and the channel has subscribers.
 */
export interface PoolMessage {
  /** The identity. */
  readonly id: string;
  /** The name. */
  readonly connection: string;
  /** `create`: a connection was opened and made ready. `wait`: somebody got one. `use`: somebody gave one back. */
  readonly what: 'create' | 'wait' | 'use';
  /** Milliseconds that it took. */
  readonly duration: number;
}

const pools = channel('hotline:pool');

/** Tells `hotline:pool` how long the connections of one pool were opened, waited for and used. */
export class PoolChannel {
  readonly #of: Pick<PoolMessage, 'id' | 'connection'>;

  constructor({ id, name }: { readonly id: string; readonly name: string }) {
    this.#of = { id, connection: name };
  }

  /** The time of `performance.now()` where somebody listens; else 0, as the clock of a call that nobody asks about is work for nothing. */
  begin(): number {
    return pools.hasSubscribers ? performance.now() : 0;
  }

  /** `since` as `performance.now()` tells it, or `begin()`. */
  tell(what: PoolMessage['what'], since: number): void {
    if (!pools.hasSubscribers || since === 0) return;
    const message: PoolMessage = { ...this.#of, what, duration: performance.now() - since };
    pools.publish(message);
  }
}
