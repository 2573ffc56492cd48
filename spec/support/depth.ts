import { it } from '@jest/globals';

/** The minutes that `npm run test:deep` may take; `undefined` under `npm test`, which runs a sample of everything. */
const minutes = process.env['HOTLINE_DEEP_MINUTES'];

/** `sample` under `npm test`, `full` under `npm run test:deep`. */
export function depth<T>(sample: T, full: T): T {
  return minutes === undefined ? sample : full;
}

/** Milliseconds of that share of the deep run: property specs end by then, however many runs they had. */
export function deepBudget(share: number): number {
  return Number(minutes ?? 1) * 60_000 * share;
}

const none = Object.assign(() => undefined, { each: () => () => undefined }) as unknown as typeof it;

/** `it` for what takes seconds: only `npm run test:deep` runs it. */
export const deepIt = depth(none, it);
