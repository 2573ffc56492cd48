import type { Config } from '../../secrets/index.ts';
import { inMemory } from './knex-config.ts';
import { targetOf } from './target.ts';

/** Whether both configs mean one database in memory, whose data would be lost if anything but another `url` or `filename` replaced it. */
export function sameMemory(before: Config, after: Config): boolean {
  try {
    return (
      ['url', 'filename', 'database'].every((name) => before[name] === after[name]) &&
      [before, after].every((config) => inMemory(targetOf(config)))
    );
  } catch {
    // A config that is broken is for the next opening to complain about.
    return false;
  }
}
