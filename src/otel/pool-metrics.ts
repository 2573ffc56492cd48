import type { Meter } from '@opentelemetry/api';
import { Subscription } from 'rxjs';
import type { ConnectionRegistry } from '../index.ts';
import { now, serves } from './labels.ts';
import {
  connectionCount,
  connectionState,
  generation,
  instances,
  instanceState,
  pendingRequests,
  poolName,
} from './names.ts';

/** The connections of each pool, of all its generations together, whenever somebody collects. */
export function poolMetrics(hot: ConnectionRegistry, meter: Meter): Subscription {
  const count = meter.createObservableUpDownCounter(connectionCount, {
    ...{ unit: '{connection}', description: 'Connections of the pool that are idle or used.' },
  });
  const pending = meter.createObservableUpDownCounter(pendingRequests, {
    ...{ unit: '{request}', description: 'Requests that wait for a connection of the pool.' },
  });
  const open = meter.createObservableUpDownCounter(instances, {
    ...{ unit: '{instance}', description: 'Instances of the connection that serve, or drain.' },
  });
  const serial = meter.createObservableGauge(generation, { description: 'The number of the instance that serves.' });
  const observables = [count, pending, open, serial];
  const callback = (result: Parameters<Parameters<Meter['addBatchObservableCallback']>[0]>[0]): void => {
    for (const listed of now(hot.connections$)) {
      const { id, status } = listed;
      const { pool, draining = [] } = listed.stats();
      const pools = [pool, ...draining.map((old) => old.pool)].filter((one) => one !== undefined);
      const sum = (figure: 'used' | 'idle' | 'waiting'): number => pools.reduce((all, one) => all + one[figure], 0);
      const of = { [poolName]: id };
      if (pools.length > 0) {
        result.observe(count, sum('used'), { ...of, [connectionState]: 'used' });
        result.observe(count, sum('idle'), { ...of, [connectionState]: 'idle' });
        result.observe(pending, sum('waiting'), of);
      }
      result.observe(open, Number(serves(status)), { ...of, [instanceState]: 'serving' });
      result.observe(open, draining.length, { ...of, [instanceState]: 'draining' });
      result.observe(serial, status.generation, of);
    }
  };
  meter.addBatchObservableCallback(callback, observables);
  return new Subscription(() => meter.removeBatchObservableCallback(callback, observables));
}
