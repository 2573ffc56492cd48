import { randomUUID } from 'node:crypto';
import { QueryError } from '../../../errors/index.ts';
import type { DriverConnection, ListenEvents } from '../engine.ts';
import { inTime } from '../in-time.ts';

interface Listening extends DriverConnection {
  query(config: { text: string }): Promise<unknown>;
  on(event: 'notification', listener: (message: { channel: string; payload?: string }) => void): void;
  on(event: 'error' | 'end', listener: (error?: Error) => void): void;
  unref?(): void;
  end(): Promise<void>;
}

interface Means {
  /** Opens a connection outside of the pool. */
  connect(): Promise<DriverConnection>;
  /** Closes one at once. */
  destroy(connection: DriverConnection): void;
}

/** Milliseconds in which a notification has to arrive that was sent to prove that they do. */
const patience = 5000;

/** Listens to a channel, on a connection of its own that was shown to receive notifications. */
export async function listen(means: Means, channel: string, on: ListenEvents): Promise<() => void> {
  const connection = (await means.connect()) as Listening;
  const end = (one: Listening): void => void one.end().catch(() => means.destroy(one));
  const proof = `hotline_${randomUUID()}`;
  let ended = false;
  let proven = (): void => undefined;
  const failed = (error?: Error): void => {
    if (!ended) on.failed(error ?? new Error('Connection ended unexpectedly'));
    ended = true;
  };
  connection.on('error', failed);
  connection.on('end', failed);
  connection.on('notification', (message) => {
    if (message.channel === proof) proven();
    else if (!ended && message.channel === channel) on.notification(message.payload);
  });
  try {
    const heard = new Promise<boolean>((resolve) => (proven = () => resolve(true)));
    await connection.query({ text: `listen "${proof}"` });
    // From another connection: a pooler may run both on the same one of the server, which hears itself.
    const other = (await means.connect()) as Listening;
    other.on('error', () => undefined);
    await other.query({ text: `notify "${proof}"` }).finally(() => end(other));
    if (!(await inTime(heard, patience))) throw unheard(channel);
    await connection.query({ text: `unlisten "${proof}"` });
    await connection.query({ text: `listen "${channel.replaceAll('"', '""')}"` });
  } catch (error) {
    ended = true;
    means.destroy(connection);
    throw error;
  }
  // Listening is upkeep: it keeps no process alive.
  connection.unref?.();
  return () => {
    ended = true;
    end(connection);
  };
}

function unheard(channel: string): QueryError {
  return new QueryError(
    'not_supported',
    `the channel "${channel}" cannot be heard: a notification that was sent on trial did not arrive within ${patience} ms. A pooler in transaction mode carries none: ` +
      'give this connection the address of the server itself, or of a pooler in session mode, or use an interval as `refresh`.',
  );
}
