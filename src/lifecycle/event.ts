import type { HotlineError } from '../errors/index.ts';
import type { RetireReason } from './retire-reason.ts';

/**
 * What a lifecycle tells of its instances.
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
