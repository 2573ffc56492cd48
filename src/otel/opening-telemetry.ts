import { SpanKind, SpanStatusCode, type Attributes, type Meter, type Tracer } from '@opentelemetry/api';
import type { Subscription } from 'rxjs';
import type { ConnectionEvent, ConnectionRegistry } from '../index.ts';
import { statusOf } from './error-status.ts';
import { now, serves, type Labels } from './labels.ts';
import { drainTime, errorCode, generation, openTime, poolName, retireReason, seconds } from './names.ts';

type InstanceEvent = Extract<ConnectionEvent, { generation: number }>;

interface Sinks {
  readonly meter: Meter;
  readonly tracer: Tracer;
  readonly labels: Labels;
}

/** A span for each opening and replacement, how long they took, and how long what was replaced went on. */
export function openingTelemetry(hot: ConnectionRegistry, { meter, tracer, labels }: Sinks): Subscription {
  const opened = meter.createHistogram(openTime, {
    ...seconds,
    description: 'The time it took to open and check an instance.',
  });
  const drained = meter.createHistogram(drainTime, {
    ...seconds,
    description: 'The time from the retirement of an instance to its close.',
  });
  const serving = new Map<string, number>(
    now(hot.connections$).flatMap(({ id, status }) => (serves(status) ? [[id, status.generation] as const] : [])),
  );
  const opening = new Map<string, { readonly at: number; readonly name: 'open' | 'replace' }>();
  const draining = new Map<string, { readonly at: number; readonly reason: string }>();

  const ended = (event: InstanceEvent, how: Attributes): void => {
    const key = `${event.id} ${event.generation}`;
    const began = opening.get(key);
    if (!began || !opening.delete(key)) return;
    const of = labels.of(event.id) ?? { [poolName]: event.id };
    if (event.type === 'instance.ready') opened.record((event.at - began.at) / 1000, { [poolName]: event.id });
    const attributes = { ...of, [generation]: event.generation, ...how };
    const span = tracer.startSpan(`${began.name} ${event.connection}`, {
      kind: SpanKind.CLIENT,
      startTime: began.at,
      root: true,
      attributes,
    });
    if (event.type === 'instance.failed') span.setStatus({ code: SpanStatusCode.ERROR, message: event.error.code });
    span.end(event.at);
  };

  return hot.events$.subscribe((event) => {
    if (!('generation' in event)) return;
    const key = `${event.id} ${event.generation}`;
    switch (event.type) {
      case 'instance.opening':
        return void opening.set(key, { at: event.at, name: serving.has(event.id) ? 'replace' : 'open' });
      case 'instance.ready':
        serving.set(event.id, event.generation);
        return ended(event, {});
      case 'instance.failed':
        return ended(event, { ...statusOf(event.error), [errorCode]: event.error.code });
      case 'instance.retired':
        if (opening.has(key)) return ended(event, { [retireReason]: event.reason });
        if (serving.get(event.id) === event.generation) serving.delete(event.id);
        return void draining.set(key, { at: event.at, reason: event.reason });
      case 'instance.closed': {
        const began = draining.get(key);
        if (!began || !draining.delete(key)) return;
        drained.record((event.at - began.at) / 1000, { [poolName]: event.id, [retireReason]: began.reason });
      }
    }
  });
}
