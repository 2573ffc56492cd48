import type { HotlineError } from '../errors/index.ts';

/**
 * An event of one instance.
 *
 * @inline
 */
export type LifecycleEvent = { readonly generation: number } & (
  | { readonly type: 'instance.opening' }
  | { readonly type: 'instance.ready' }
  | { readonly type: 'instance.failed'; readonly error: HotlineError; readonly retryIn: number }
  | { readonly type: 'instance.retired'; readonly reason: RetireReason }
  | { readonly type: 'instance.closed'; readonly error?: HotlineError }
  | { readonly type: 'lease.aborted'; readonly error: HotlineError }
);

/**
 * The reason why an instance ended.
 *
 * - `replaced`: its settings changed, and the next one serves
 * - `expired`: its `ttl` was over, or its credentials ran out
 * - `idle`: nobody used it for `idleTimeout`
 * - `evicted`: `maxEntries` was exceeded
 * - `reset`: `reset()`, or it was broken
 * - `removed`: its section is gone
 * - `kind-changed`: its section names another kind
 * - `closed`: the registry was closed
 * - `failed`: it could not be opened, or broke
 */
export type RetireReason =
  'replaced' | 'expired' | 'idle' | 'evicted' | 'reset' | 'removed' | 'kind-changed' | 'closed' | 'failed';
