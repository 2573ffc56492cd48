/** An answer of Snowflake that is an error: always HTTP 200, the error is in the body. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly sqlState?: string;
}

export function refusal(code: string, message: string, sqlState?: string): Refusal {
  return sqlState === undefined ? { code, message } : { code, message, sqlState };
}

/** Thrown inside a statement to end it with one of Snowflake's own errors. */
export class StatementError extends Error {
  readonly refusal: Refusal;

  constructor(code: string, message: string, sqlState: string) {
    super(message);
    this.refusal = { code, message, sqlState };
  }
}
