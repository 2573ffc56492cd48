/**
 * The listeners that are told when a signal fires. A signal looks through all its listeners for each that it gets, so thousands of
 * statements that wait for one instance would take seconds for that alone; here it has one listener.
 */
export class Alarms {
  readonly #told = new WeakMap<AbortSignal, Set<() => void>>();

  /** Calls `tell` when the signal fires, unless what this returns was called before. */
  set(signal: AbortSignal, tell: () => void): () => void {
    const told = this.#told.get(signal) ?? this.#listen(signal);
    told.add(tell);
    return () => void told.delete(tell);
  }

  #listen(signal: AbortSignal): Set<() => void> {
    const told = new Set<() => void>();
    this.#told.set(signal, told);
    const all = (): void => told.forEach((tell) => tell());
    signal.addEventListener('abort', all, { once: true });
    return told;
  }
}
