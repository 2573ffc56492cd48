/** One request that arrived; secrets are not kept. */
export interface RequestRecord {
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly sql: string | undefined;
  /** Parameters of the statement. */
  readonly parameters: Readonly<Record<string, unknown>> | undefined;
  /** Undefined while it is worked on, and for good when no answer was given. */
  status: number | undefined;
  /** Snowflake's code in the answer. */
  code: string | undefined;
}

const kept = 10_000;

/** The last requests, oldest first. */
export class RequestLog {
  total = 0;
  readonly #records: RequestRecord[] = [];

  get records(): readonly RequestRecord[] {
    return this.#records;
  }

  add(
    method: string,
    path: string,
    sql: string | undefined,
    parameters?: Readonly<Record<string, unknown>>,
  ): RequestRecord {
    const record = { at: Date.now(), method, path, sql, parameters, status: undefined, code: undefined };
    this.total++;
    this.#records.push(record);
    if (this.#records.length > kept) this.#records.shift();
    return record;
  }

  clear(): void {
    this.#records.length = 0;
  }
}
