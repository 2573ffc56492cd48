/** What went wrong, as a retry policy sees it. */
export type ErrorCategory = 'auth' | 'transient' | 'config' | 'query' | 'cancelled' | 'timeout';
