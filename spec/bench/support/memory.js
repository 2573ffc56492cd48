import { BaseConnection } from 'hotline';

/** A kind with nothing behind it, so that what is measured is hotline. Counts what it opened and closed. */
export function memoryKind() {
  const counts = { opened: 0, closed: 0 };
  class Memory extends BaseConnection {
    connect(config) {
      counts.opened++;
      return { config };
    }
    disconnect() {
      counts.closed++;
    }
  }
  return { Memory, counts };
}
