/** Resolves as a promise does, or to `false` when it rejects, takes longer than `limit` milliseconds, or the signal fires first. */
export function inTime(promise: Promise<boolean>, limit: number, signal?: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const late = (): void => resolve(false);
    const timer = setTimeout(late, limit).unref();
    signal?.addEventListener('abort', late, { once: true });
    if (signal?.aborted) late();
    promise.then(resolve, late).finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', late);
    });
  });
}
