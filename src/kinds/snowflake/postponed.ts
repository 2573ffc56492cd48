/** A signal that fires `delay` milliseconds after another one, unless `end` was called. */
export function postponed(signal: AbortSignal, delay: number): { readonly signal: AbortSignal; end(): void } {
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const fired = (): void => {
    timer = setTimeout(() => late.abort(signal.reason), delay);
  };
  signal.addEventListener('abort', fired, { once: true });
  return {
    signal: late.signal,
    end: () => {
      signal.removeEventListener('abort', fired);
      clearTimeout(timer);
    },
  };
}
