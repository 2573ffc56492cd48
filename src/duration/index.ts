export { after, alarm } from './timers.ts';
export { milliseconds, type Duration, type DurationOrigin } from './duration.ts';
export { holdingUntilFirst$, holdProcess$ } from './timers.ts';
export { elapsed, upkeepScheduler } from './timers.ts';
