/** Something that goes wrong on purpose, for the next requests that match. */
export interface Fault {
  /** Part of the path, such as `/queries/v1/query-request` or `/chunks/`. */
  readonly path?: string | RegExp;
  /** Only requests whose statement matches. */
  readonly sql?: RegExp;
  /** How many requests it hits; default 1, `Infinity` until it is removed. */
  readonly times?: number;
  /** Wait, then go on (with the rest of the fault, if there is any). */
  readonly delayMs?: number;
  /** Of a file on a stage: milliseconds between two pieces of it. */
  readonly trickleMs?: number;
  /** Never answer. */
  readonly hang?: boolean;
  /** Reset the socket: before the request is worked on, after it was, or in the middle of the answer. */
  readonly drop?: 'before' | 'after' | 'midway';
  /** Answer with this HTTP status. */
  readonly status?: number;
  /** Answer with this body: text as it is, anything else as JSON. */
  readonly body?: unknown;
  /** Change the real answer before it is sent: a wrong shape, a cell that cannot be. */
  readonly edit?: (body: { data: Record<string, unknown> }) => void;
  /** Answer with this error of Snowflake. */
  readonly code?: string;
  readonly message?: string;
  readonly sqlState?: string;
}

/** A fault that was injected: how often it has struck, and the end of it. */
export interface InjectedFault {
  readonly hits: number;
  remove(): void;
}

export class Faults {
  #active: { fault: Fault; hits: number }[] = [];

  inject(fault: Fault): InjectedFault {
    const entry = { fault, hits: 0 };
    this.#active.push(entry);
    return {
      get hits() {
        return entry.hits;
      },
      remove: () => (this.#active = this.#active.filter((other) => other !== entry)),
    };
  }

  clear(): void {
    this.#active = [];
  }

  /** The first fault that matches; it counts as struck. */
  take(path: string, sql: string | undefined): Fault | undefined {
    const entry = this.#active.find(({ fault }) => matches(fault, path, sql));
    if (!entry) return undefined;
    entry.hits++;
    if (entry.hits >= (entry.fault.times ?? 1)) this.#active = this.#active.filter((other) => other !== entry);
    return entry.fault;
  }
}

function matches(fault: Fault, path: string, sql: string | undefined): boolean {
  if (fault.sql && !(sql !== undefined && fault.sql.test(sql))) return false;
  if (fault.path === undefined) return true;
  return typeof fault.path === 'string' ? path.includes(fault.path) : fault.path.test(path);
}
