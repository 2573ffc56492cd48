const dropped = new FinalizationRegistry<() => void>((end) => end());

/**
 * Calls `end` when `handle` was collected as garbage, because nobody can use it any more; holds neither the handle nor
 * the process. `end` must not refer to the handle. Returns what takes that back.
 */
export function whenDropped(handle: object, end: () => void): () => void {
  const token = {};
  dropped.register(handle, end, token);
  return () => dropped.unregister(token);
}
