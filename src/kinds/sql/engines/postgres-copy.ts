import type { Writable } from 'node:stream';
import { scrub } from '../../../errors/index.ts';
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
  let wake = (): void => undefined;
  const ended = new Promise<void>((resolve, reject) => {
    stream.once('finish', resolve).once('error', reject);
  }).finally(() => {
    over = true;
    wake();
  });
  ended.catch(() => undefined);
  // The server logs the words of who gives up, so they are ours.
  const giveUp = (): void => void (over || stream.destroy(new Error('the rows ended before their end')));
  signal.addEventListener('abort', giveUp, { once: true });
  // A race with `ended` would have it keep every text until the end.
  const unlessOver = <T>(work: Promise<T>): Promise<T | undefined> =>
    new Promise((resolve, reject) => {
      wake = () => resolve(undefined);
      if (over) wake();
      work.then(resolve, reject);
    });
  const source = texts[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await unlessOver(source.next());
      if (!next || next.done) break;
      if (!stream.write(next.value)) await unlessOver(drained(stream));
    }
    if (!over) stream.end();
    await ended;
    return { rows: [], rowCount: stream.rowCount };
  } catch (error) {
    giveUp();
    await ended.catch(() => undefined);
    throw withoutValues(error);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

/**
 * Takes the values of the row out of the message: they are in no params, and the server says them in its `where`, each up to 100 characters:
 * `COPY pet, line 3, column age: "twelve"`, or all of the line.
 */
function withoutValues(error: unknown): unknown {
  const said = /\d[^"\n]*: "([\s\S]*)"/.exec((error as { where?: string } | null)?.where ?? '')?.[1];
  if (said === undefined || !(error instanceof Error)) return error;
  const cut = said.endsWith('...');
  const values = (cut ? said.slice(0, -3) : said).split('\t').filter((value) => value !== '');
  const { message, stack = '' } = error;
  const last = cut ? message.indexOf(values.at(-1)!) : -1;
  error.message = scrub(last < 0 ? message : message.slice(0, last + values.at(-1)!.length), values);
  error.stack = stack.replace(message, () => error.message);
  return error;
}

function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => stream.once('drain', resolve));
}
