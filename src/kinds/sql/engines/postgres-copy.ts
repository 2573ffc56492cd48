import type { Writable } from 'node:stream';
import { requireOf } from '../../../packages/index.ts';
import type { Result } from '../../query/index.ts';
import type { DriverConnection } from '../engine.ts';

interface CopyStream extends Writable {
  readonly rowCount: number;
}

/** The package pg-copy-streams. */
interface CopyPackage {
  from(this: void, sql: string): CopyStream;
}

/**
 * Sends texts as the data of a `copy … from stdin`, no faster than the server takes them. It ends with its source, when the server
 * refuses, and when the signal fires; then nothing of it is kept.
 */
export async function copyIn(
  connection: DriverConnection,
  sql: string,
  texts: AsyncIterable<string>,
  signal: AbortSignal,
): Promise<Result> {
  const { from } = requireOf('pg-copy-streams')!('pg-copy-streams') as CopyPackage;
  const stream = (connection as unknown as { query(stream: CopyStream): CopyStream }).query(from(sql));
  let over = false;
  const ended = new Promise<void>((resolve, reject) => {
    stream.once('finish', resolve).once('error', reject);
  }).finally(() => (over = true));
  ended.catch(() => undefined);
  // The server logs the words of who gives up, so they are ours.
  const giveUp = (): void => void (over || stream.destroy(new Error('the rows ended before their end')));
  signal.addEventListener('abort', giveUp, { once: true });
  const source = texts[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await Promise.race([source.next(), ended.then(() => undefined)]);
      if (!next || next.done) break;
      if (!stream.write(next.value)) await Promise.race([drained(stream), ended]);
    }
    stream.end();
    await ended;
    return { rows: [], rowCount: stream.rowCount };
  } catch (error) {
    giveUp();
    await ended.catch(() => undefined);
    throw error;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => stream.once('drain', resolve));
}
