import { channel } from 'node:diagnostics_channel';
import type { ErrorCode } from '../errors/index.ts';
import type { RetireReason } from '../lifecycle/index.ts';
import type { EntryEvent } from './events.ts';

/** The message on `hotline:open` about one attempt to open an instance, sent when the attempt ends and the channel has subscribers. */
export interface OpenMessage {
  /** The identity. */
  readonly id: string;
  /** The name. */
  readonly connection: string;
  /** The number of the instance. */
  readonly generation: number;
  /** The time when it began, in milliseconds since the epoch. */
  readonly startedAt: number;
  /** Milliseconds it took. */
  readonly duration: number;
  /** The code of the failure. */
  readonly code?: ErrorCode;
  /** The reason why it was abandoned. */
  readonly abandoned?: RetireReason;
}

interface Named {
  readonly id: string;
  readonly name: string;
}

const openChannel = channel('hotline:open');

/** Tells `hotline:open` of the attempts of a registry's connections. */
export class OpenChannel {
  readonly #now: () => number;
  /** The running attempts that began while the channel had subscribers, by connection; each has one at most. */
  readonly #running = new WeakMap<object, { readonly generation: number; readonly startedAt: number }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes in an event of a connection; publishes a message when the event ends an attempt. */
  take(connection: Named, event: EntryEvent): void {
    if (!openChannel.hasSubscribers || !('generation' in event)) return;
    const { type, generation } = event;
    const now = this.#now();
    if (type === 'instance.opening') return void this.#running.set(connection, { generation, startedAt: now });
    const attempt = this.#running.get(connection);
    if (attempt?.generation !== generation) return;
    this.#running.delete(connection);
    const { id, name } = connection;
    const duration = now - attempt.startedAt;
    const message: OpenMessage = {
      ...{ id, connection: name, ...attempt, duration },
      ...(type === 'instance.failed' && { code: event.error.code }),
      ...(type === 'instance.retired' && { abandoned: event.reason }),
    };
    openChannel.publish(message);
  }
}
