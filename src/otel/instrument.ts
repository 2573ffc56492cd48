import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import {
  metrics,
  trace,
  type Attributes,
  type Meter,
  type MeterProvider,
  type TracerProvider,
} from '@opentelemetry/api';
import { Subscription } from 'rxjs';
import type { ConnectionRegistry, LeaseMessage, ListedConnection } from '../index.ts';
import { Labels } from './labels.ts';
import { leaseUseTime, leaseWaitTime, poolName, seconds } from './names.ts';
import { openingTelemetry } from './opening-telemetry.ts';
import { poolMetrics, poolTimes } from './pool-metrics.ts';
import { queryTelemetry } from './query-telemetry.ts';
import { reloadMetrics } from './reload-metrics.ts';

/** Histograms of the wait for an instance and of the time it was held. */
function leaseMetrics({ meter, labels }: { readonly meter: Meter; readonly labels: Labels }): Subscription {
  const waits = meter.createHistogram(leaseWaitTime, { ...seconds, description: 'The wait for an instance.' });
  const uses = meter.createHistogram(leaseUseTime, { ...seconds, description: 'How long instances were held.' });
  const listen = (message: unknown): void => {
    const { id, waited, held } = message as LeaseMessage;
    if (!labels.of(id)) return;
    waits.record(waited / 1000, { [poolName]: id });
    uses.record(held / 1000, { [poolName]: id });
  };
  subscribe('hotline:lease', listen);
  return new Subscription(() => unsubscribe('hotline:lease', listen));
}

/** Options of `instrumentConnections`. */
export interface InstrumentationOptions {
  /** Default: the global one of `@opentelemetry/api`. */
  readonly meterProvider?: MeterProvider;
  /** Default: the global one of `@opentelemetry/api`. */
  readonly tracerProvider?: TracerProvider;
  /**
   * Says that the driver has an instrumentation of its own, such as `@opentelemetry/instrumentation-pg`: the duration of
   * statements but streams is left to it, and the spans here are `INTERNAL`. Default `false`. Its spans are children of these either way.
   */
  readonly driverInstrumented?: boolean;
  /**
   * More attributes of a connection. Default: the system, server and database, as far as its kind shows the settings that say so.
   */
  readonly attributesOf?: (connection: Pick<ListedConnection, 'id' | 'name' | 'kind'>) => Attributes;
}

/** The running instrumentation; it also ends when the registry is closed. */
export interface Instrumentation {
  /** Ends it: nothing is measured and nobody listens any more. */
  stop(): void;
}

/**
 * Measures a registry: its pools, openings, drains and reloads from its public events and figures, and its queries and
 * leases from the diagnostics channels of the process. No bound value, setting that is not public, or message goes out.
 *
 * @example
 * const hot = createConnections();
 * instrumentConnections(hot);
 */
export function instrumentConnections(hot: ConnectionRegistry, options: InstrumentationOptions = {}): Instrumentation {
  const meter = (options.meterProvider ?? metrics).getMeter('hotline');
  const tracer = (options.tracerProvider ?? trace).getTracer('hotline');
  const labels = new Labels(hot, options.attributesOf);
  const running = new Subscription();
  running.add(hot.events$.subscribe({ complete: () => running.unsubscribe() }));
  running.add(labels.upkeep());
  running.add(poolMetrics(hot, meter));
  running.add(poolTimes({ meter, labels }));
  running.add(reloadMetrics(hot, meter));
  running.add(openingTelemetry(hot, { meter, tracer, labels }));
  running.add(queryTelemetry({ meter, tracer, labels, driverInstrumented: options.driverInstrumented ?? false }));
  running.add(leaseMetrics({ meter, labels }));
  return { stop: () => running.unsubscribe() };
}
