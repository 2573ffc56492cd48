import type { Column } from 'snowflake-sdk';
import { ConfigError } from '../../errors/index.ts';
import { type CallOptions, type OpenCursor, type Params, type Row, whenDropped } from '../query/index.ts';
import type { SnowflakeStatementOptions } from './statement-parameters.ts';

/** Options of a cursor. */
export interface CursorOptions extends CallOptions, SnowflakeStatementOptions {
  /** An array for `?`, an object for `:name`. */
  readonly params?: Params | undefined;
  /** The row to begin with. Default: 0. */
  readonly start?: number | undefined;
}

/** A result that stays on the server for a day, and is read in pieces. */
export class SnowflakeCursor<R extends object = Row> implements AsyncIterable<R> {
  /** By which the result is found again: `cursor({ queryId }, { start })`. */
  readonly queryId: string;
  /** The columns, as the driver describes them. */
  readonly columns: readonly Column[];
  /** Rows in all. */
  readonly rowCount: number;
  readonly #reading: Reading<R>;

  /** @hidden Made by `cursor`; `dropped` is told when it was not closed, and nobody can do so any more. */
  constructor(
    open: OpenCursor<R>,
    about: Pick<SnowflakeCursor, 'queryId' | 'columns' | 'rowCount'>,
    dropped: () => void,
  ) {
    const reading = new Reading(open);
    this.#reading = reading;
    reading.ended = whenDropped(this, () => {
      dropped();
      void reading.close();
    });
    this.queryId = about.queryId;
    this.columns = about.columns;
    this.rowCount = about.rowCount;
  }

  /**
   * Up to `count` rows; none at the end.
   *
   * @throws ConfigError `invalid_argument` when `count` is no whole number greater than 0.
   */
  async fetchMany(count: number): Promise<R[]> {
    if (!Number.isInteger(count) || count < 1)
      throw new ConfigError('invalid_argument', 'fetchMany: expected a whole number of rows greater than 0.');
    return await this.#reading.read(count);
  }

  /** Lets the connection go; the result stays on the server. The second call does nothing. */
  close(): Promise<void> {
    return this.#reading.close();
  }

  /** The rows one by one; leaving the loop closes it. */
  async *[Symbol.asyncIterator](): AsyncGenerator<R, void, undefined> {
    try {
      for (let rows = await this.fetchMany(1000); rows.length > 0; rows = await this.fetchMany(1000)) yield* rows;
    } finally {
      await this.close();
    }
  }

  /** `close()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** The reading side of a cursor. It does not reference the cursor, so that a dropped cursor can be collected. */
class Reading<R> {
  readonly #open: OpenCursor<R>;
  #closing: Promise<void> | undefined;
  /** Called once it has ended. */
  ended = (): void => undefined;

  constructor(open: OpenCursor<R>) {
    this.#open = open;
    if (open.signal.aborted) void this.close();
    else open.signal.addEventListener('abort', () => void this.close(), { once: true });
  }

  async read(count: number): Promise<R[]> {
    if (this.#closing) return [];
    try {
      const rows = await this.#open.cursor.read(count);
      if (rows.length === 0) await this.close();
      return rows;
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#end());
  }

  async #end(): Promise<void> {
    this.ended();
    await this.#open.cursor.close().then(
      () => this.#open.end(),
      (error: unknown) => this.#open.end(error),
    );
  }
}
