/** One effective setting, safe to show. */
export interface DescribedSetting {
  /** Dotted path of the setting inside the connection: `knex.pool.max`. */
  readonly path: string;
  /** The value where the kind says that it is public, else `'[redacted]'`. */
  readonly value: unknown;
  /** Where it was written: the label of a source or file, or `params`. */
  readonly origin: string;
}

/** What `describe()` returns. */
export interface Description {
  readonly name: string;
  readonly kind: string;
  readonly settings: readonly DescribedSetting[];
}
