import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Meter } from '@opentelemetry/api';
import { Subscription } from 'rxjs';
import type { ConnectionRegistry, PoolMessage } from '../index.ts';
import { now, serves, type Labels } from './labels.ts';
import {
  connectionCount,
  connectionLimit,
  connectionState,
  createTime,
  generation,
  idleMax,
  idleMin,
  instances,
  instanceState,
  pendingRequests,
  poolName,
  seconds,
  useTime,
  waitTime,
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
  const most = meter.createObservableUpDownCounter(connectionLimit, {
    ...{ unit: '{connection}', description: 'The most connections that the pool opens.' },
  });
  const mostIdle = meter.createObservableUpDownCounter(idleMax, {
    ...{ unit: '{connection}', description: 'The most idle connections that the pool keeps.' },
  });
  const leastIdle = meter.createObservableUpDownCounter(idleMin, {
    ...{ unit: '{connection}', description: 'The fewest connections that the pool keeps.' },
  });
  const observables = [count, pending, most, mostIdle, leastIdle, open, serial];
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
      // Those of the instance that serves: what drains opens nothing new.
      if (pool?.max !== undefined) {
        result.observe(most, pool.max, of);
        result.observe(mostIdle, pool.max, of);
      }
      if (pool?.min !== undefined) result.observe(leastIdle, pool.min, of);
      result.observe(open, Number(serves(status)), { ...of, [instanceState]: 'serving' });
      result.observe(open, draining.length, { ...of, [instanceState]: 'draining' });
      result.observe(serial, status.generation, of);
    }
  };
  meter.addBatchObservableCallback(callback, observables);
  return new Subscription(() => meter.removeBatchObservableCallback(callback, observables));
}

/** Histograms of how long the connections of pools were opened, waited for and used. */
export function poolTimes({ meter, labels }: { readonly meter: Meter; readonly labels: Labels }): Subscription {
  const histogram = (name: string, description: string) => meter.createHistogram(name, { ...seconds, description });
  const times = {
    create: histogram(createTime, 'The time it took to open a connection and make it ready.'),
    wait: histogram(waitTime, 'The time it took to get a connection of the pool.'),
    use: histogram(useTime, 'The time between getting a connection of the pool and giving it back.'),
  };
  const listen = (message: unknown): void => {
    const { id, what, duration } = message as PoolMessage;
    if (labels.of(id)) times[what].record(duration / 1000, { [poolName]: id });
  };
  subscribe('hotline:pool', listen);
  return new Subscription(() => unsubscribe('hotline:pool', listen));
}
