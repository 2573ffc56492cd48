import type { Bound } from './binds.ts';
import type { Family } from './dialects.ts';

/** A statement that only asks whether anybody is there. */
export function probeOf(family: Family): Bound {
  return { text: [family === 'oracle' ? 'select 1 from dual' : 'select 1'], values: [] };
}
