import { setMaxListeners } from 'node:events';

/** A caller's signal that many calls may listen to at once: each lets go of it at its end, so Node need not warn of a leak. */
export function heardByMany(signal: AbortSignal): AbortSignal {
  // Not 0, which means the same: `getMaxListeners` of Node 20 throws on it.
  setMaxListeners(Infinity, signal);
  return signal;
}
