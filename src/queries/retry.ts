/** How often a read is tried, and how long between. */
export interface RetryOptions {
  /** Attempts in all, the first included. Default: 3, or no limit within a `timeout`. */
  readonly attempts?: number | undefined;
  /** Milliseconds before the second attempt at the most; doubles each time. Default: 100. */
  readonly minDelay?: number | undefined;
  /** Milliseconds between two attempts at the most. Default: 5000. */
  readonly maxDelay?: number | undefined;
}
