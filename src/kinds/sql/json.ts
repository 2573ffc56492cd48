/** A value that is bound as JSON, as `json` makes it. */
export class JsonValue {
  /** The value itself. */
  readonly value: unknown;

  /** @hidden Call `json`. */
  constructor(value: unknown) {
    this.value = value;
  }

  /** The value, which `JSON.stringify` writes. */
  toJSON(): unknown {
    return this.value;
  }

  /** The text that the package pg sends, also inside of an array. */
  toPostgres(): string {
    return JSON.stringify(this.value);
  }
}

/**
 * Marks a value that goes into a column of JSON: an array, which PostgreSQL would take for an array of its own, a text, a
 * number or `null`. Objects need no mark.
 *
 * @example await db.execute('update pet set tags = :tags', { params: { tags: json([]) } });
 */
export function json(value: unknown): JsonValue {
  return new JsonValue(value);
}
