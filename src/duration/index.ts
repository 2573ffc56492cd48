export { after } from './after.ts';
export { milliseconds, type Duration, type DurationOrigin } from './duration.ts';
export { holdingUntilFirst$, holdProcess$ } from './hold-process.ts';
export { elapsed, upkeepScheduler } from './upkeep-scheduler.ts';
