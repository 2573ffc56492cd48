/** Answers of the program about single connections, which are asked for while they are shown. */
export interface Answers<T> {
  /** Tells whether it is shown. */
  open(id: string): boolean;
  toggle(id: string): void;
  /** The answer as far as it has come. `version` changes when it may be another one now. */
  of(id: string, version: string): T | undefined;
}

/** Asks at `path` when it is opened and when `version` is another one; `none` where there is no answer; `changed` when it has come. */
export function answers<T>(path: string, none: T, changed: () => void): Answers<T> {
  const opened = new Map<string, { version?: string; answer?: T }>();
  const load = async (id: string, version: string): Promise<void> => {
    const response = await fetch(`${path}?${new URLSearchParams({ id }).toString()}`);
    const answer = response.ok ? ((await response.json()) as T) : none;
    const asked = opened.get(id);
    if (asked?.version !== version) return;
    asked.answer = answer;
    changed();
  };
  return {
    open: (id) => opened.has(id),
    toggle(id) {
      if (!opened.delete(id)) opened.set(id, {});
      changed();
    },
    of(id, version) {
      const asked = opened.get(id);
      if (asked && asked.version !== version) {
        asked.version = version;
        load(id, version).catch(() => undefined);
      }
      return asked?.answer;
    },
  };
}
