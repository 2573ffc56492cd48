import type { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import type { RowStatement } from 'snowflake-sdk';
import type { Row } from '../query/index.ts';
import type { Call } from './call.ts';
import { explain } from './failures.ts';
import { conversion, guardCells } from './values.ts';

/** Milliseconds of reading, after which timers, aborts and other work have their turn: the driver itself gives them none. */
const stint = 10;

/** Reads the rows of a statement as they are asked for. */
export class RowReader {
  readonly #stream: Readable;
  readonly #call: Call;
  readonly #convert: ((row: Row) => Row) | undefined;
  #over = false;
  /** When somebody else had their turn last. */
  #since = performance.now();
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(statement: RowStatement, call: Call, start: number) {
    this.#call = call;
    const columns = statement.getColumns();
    guardCells(columns, (error) => (this.#failure ??= { error }));
    this.#convert = conversion(columns);
    this.#stream = statement.streamRows(start > 0 ? { start } : undefined);
    const wake = (): void => this.#wake?.();
    this.#stream.on('readable', wake);
    this.#stream.on('end', () => {
      this.#over = true;
      wake();
    });
    this.#stream.on('error', (error) => {
      explain(error, call.queryId());
      this.#failure ??= { error };
      wake();
    });
  }

  /** Up to `count` rows; fewer only at the end. */
  read(count: number): Promise<Row[]> {
    return this.#call.during(() => this.#read(count));
  }

  close(): void {
    this.#over = true;
    this.#wake?.();
    this.#stream.destroy();
  }

  async #read(count: number): Promise<Row[]> {
    const rows: Row[] = [];
    if (performance.now() - this.#since >= stint) await this.#rest();
    while (rows.length < count && !this.#stream.destroyed) {
      const row = this.#stream.read() as Row | null;
      if (row !== null) {
        rows.push(this.#convert ? this.#convert(row) : row);
        continue;
      }
      if (this.#failure) throw this.#failure.error;
      if (this.#over) break;
      await this.#readable();
      if (performance.now() - this.#since >= stint) await this.#rest();
    }
    // One of the rows may hold what could not be converted.
    if (this.#failure) throw this.#failure.error;
    return rows;
  }

  async #rest(): Promise<void> {
    await turn();
    this.#since = performance.now();
  }

  #readable(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }
}
