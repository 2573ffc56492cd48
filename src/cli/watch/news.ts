import type { ConnectionEvent } from '../../index.ts';

/** Tells what is new to somebody who watches: attempts that fail as the last one did are in the table already. */
export class News {
  readonly #served = new Set<string>();
  readonly #failures = new Map<string, string>();

  has(event: ConnectionEvent): boolean {
    if (!('generation' in event)) return true;
    const instance = `${event.generation} ${event.id}`;
    switch (event.type) {
      case 'instance.opening':
        return !this.#failures.has(event.id);
      case 'instance.ready':
        this.#served.add(instance);
        this.#failures.delete(event.id);
        return true;
      case 'instance.failed': {
        const before = this.#failures.get(event.id);
        this.#failures.set(event.id, event.error.message);
        return before !== event.error.message;
      }
      case 'instance.closed':
        return this.#served.delete(instance);
      default:
        return true;
    }
  }
}
