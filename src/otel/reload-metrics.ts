import type { Attributes, Meter, ObservableResult } from '@opentelemetry/api';
import { Subscription } from 'rxjs';
import type { ConnectionRegistry } from '../index.ts';
import { now } from './labels.ts';
import {
  connectionReload,
  connectionReloadTime,
  poolName,
  sourceLabel,
  sourceReload,
  sourceReloadTime,
} from './names.ts';

/** The result of the last reload, and the time of the last good one, in milliseconds since the epoch. */
interface Reload {
  readonly successful: boolean;
  readonly at: number | undefined;
}

/** Two pairs of gauges: of each source, whether its last word could be used, and of each connection, whether its last opening went well. */
export function reloadMetrics(hot: ConnectionRegistry, meter: Meter): Subscription {
  const sources = new Map<string, Reload>();
  const connections = new Map<string, Reload>();
  const note = (reloads: Map<string, Reload>, key: string, successful: boolean, at: number): void =>
    void reloads.set(key, { successful, at: successful ? at : reloads.get(key)?.at });

  const running = new Subscription();
  running.add(
    hot.sources$.subscribe((statuses) => {
      for (const { label, state, since, error } of statuses)
        if (state === 'loaded' || error) note(sources, label, state === 'loaded', since);
    }),
  );
  for (const { id, status } of now(hot.connections$))
    if (status.generation > 0) note(connections, id, !status.error, status.since);
  running.add(
    hot.events$.subscribe((event) => {
      if (event.type === 'instance.ready') note(connections, event.id, true, event.at);
      if (event.type === 'instance.failed') note(connections, event.id, false, event.at);
    }),
  );
  const listed = (): Map<string, Reload> => {
    const ids = new Set(now(hot.connections$).map(({ id }) => id));
    for (const id of connections.keys()) if (!ids.has(id)) connections.delete(id);
    return connections;
  };
  running.add(pair(meter, [sourceReload, sourceReloadTime], sourceLabel, () => sources));
  running.add(pair(meter, [connectionReload, connectionReloadTime], poolName, listed));
  return running;
}

function pair(
  meter: Meter,
  [successful, successTime]: readonly [string, string],
  label: string,
  reloads: () => ReadonlyMap<string, Reload>,
): Subscription {
  const gauge = (name: string, unit: string, valueOf: (reload: Reload) => number | undefined): Subscription => {
    const instrument = meter.createObservableGauge(name, { unit });
    const callback = (result: ObservableResult): void => {
      for (const [key, reload] of reloads()) {
        const value = valueOf(reload);
        const of: Attributes = { [label]: key };
        if (value !== undefined) result.observe(value, of);
      }
    };
    instrument.addCallback(callback);
    return new Subscription(() => instrument.removeCallback(callback));
  };
  const both = gauge(successful, '1', (reload) => Number(reload.successful));
  both.add(gauge(successTime, 's', ({ at }) => (at === undefined ? undefined : at / 1000)));
  return both;
}
