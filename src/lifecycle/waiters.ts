import type { HotlineError } from '../errors/index.ts';
import type { Instance } from './instance.ts';
import type { LifecycleAction, State } from './state.ts';

type Listener<Raw, Config> = (result: WaitResult<Raw, Config>) => void;

/** Subscribers and callers that wait for an instance. Plain callbacks: adding one is on the hot path, and a Subject costs twice as much. */
export class Waiters<Raw, Config> {
  readonly #waiters = new Set<{ readonly listener: Listener<Raw, Config>; readonly transition: number }>();

  /** Adds a waiter during a transition of that number, which it is not notified of. The result removes it, and returns whether it was there. */
  add(listener: Listener<Raw, Config>, transition: number): () => boolean {
    const waiter = { listener, transition };
    this.#waiters.add(waiter);
    return () => this.#waiters.delete(waiter);
  }

  notify(result: WaitResult<Raw, Config>, transition: number): void {
    for (const waiter of [...this.#waiters])
      if (waiter.transition !== transition && this.#waiters.has(waiter)) waiter.listener(result);
  }
}

/** The result of waiting for an instance. */
export type WaitResult<Raw, Config> =
  { readonly instance: Instance<Raw, Config> } | { readonly error: HotlineError } | { readonly closed: true };

/** The result that waiters get after a transition; `undefined`: they keep waiting. */
export function waitResultOf<Raw, Config>(
  before: State<Raw, Config>,
  { current, failure, target, closed }: State<Raw, Config>,
  action: LifecycleAction<Raw, Config>,
): WaitResult<Raw, Config> | undefined {
  if (current && current !== before.current) return { instance: current };
  if (closed) return { closed };
  if (!current && action.type === 'failed' && failure?.final) return { error: failure.error };
  if (action.type === 'target' && target && 'error' in target) return { error: target.error };
  return undefined;
}
