import { channel } from 'node:diagnostics_channel';
import { allowManyListeners } from '../../signals.ts';
import type { Lease } from './leases.ts';

/**
 * The object that is published on the diagnostics channel `hotline:use`: one for each lease that a program takes by `use` or
 * `lease`, once when it has it and, the same object, once as it ends.
 */
export interface UseTrace {
  /** Tells the beginning from the end. */
  phase: 'start' | 'end';
  /** The call that took it. */
  readonly operation: 'use' | 'lease';
  /** The name of the connection. */
  readonly connection: string;
  /** Its identity. */
  readonly id: string;
  /** The number of the instance. */
  readonly generation: number;
  /** Milliseconds since the epoch. */
  readonly start: number;
}

/** Leases are told of only while it has subscribers. */
export const uses = channel('hotline:use');

/** The parts of a connection and of a lease that are told. */
type Named = Pick<UseTrace, 'id'> & { readonly name: string };
type Taken = Pick<Lease<unknown>, 'generation' | 'signal'>;

/** Says that a lease was taken, if anybody listens; what it returns says that it has ended, and so does its cut. */
export function traceUse(
  operation: UseTrace['operation'],
  { id, name }: Named,
  lease: Taken,
): (() => void) | undefined {
  if (!uses.hasSubscribers) return undefined;
  const start = performance.timeOrigin + performance.now();
  const trace: UseTrace = { phase: 'start', operation, connection: name, id, generation: lease.generation, start };
  uses.publish(trace);
  const signal = allowManyListeners(lease.signal);
  const ended = (): void => {
    if (trace.phase === 'end') return;
    signal.removeEventListener('abort', ended);
    uses.publish(Object.assign(trace, { phase: 'end' }));
  };
  signal.addEventListener('abort', ended, { once: true });
  return ended;
}

/** Runs what is done under a lease of `use`. */
export function tracedUse<T>(connection: Named, lease: Taken, run: () => T | PromiseLike<T>): T | PromiseLike<T> {
  const ended = traceUse('use', connection, lease);
  return ended ? settled(run).finally(ended) : run();
}

async function settled<T>(run: () => T | PromiseLike<T>): Promise<T> {
  return run();
}
