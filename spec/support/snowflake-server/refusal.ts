/** An answer of Snowflake that is an error: nearly always HTTP 200, the error is in the body. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly sqlState?: string;
  /** Of a refused login: what the client has to do next. */
  readonly data?: object | undefined;
  readonly status?: number;
}

export function refusal(code: string, message: string, sqlState?: string, data?: object): Refusal {
  return { code, message, ...(sqlState !== undefined && { sqlState }), ...(data && { data }) };
}

/** Thrown inside a statement to end it with one of Snowflake's own errors. */
export class StatementError extends Error {
  readonly refusal: Refusal;

  constructor(code: string, message: string, sqlState: string) {
    super(message);
    this.refusal = { code, message, sqlState };
  }
}
