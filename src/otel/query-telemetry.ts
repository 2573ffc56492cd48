import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import {
  context,
  SpanKind,
  SpanStatusCode,
  trace as traces,
  type Attributes,
  type Meter,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import { Subscription } from 'rxjs';
import type { QueryTrace } from '../index.ts';
import { statusOf } from './error-status.ts';
import type { Labels } from './labels.ts';
import {
  errorCode,
  generation,
  operation,
  operationDuration,
  poolName,
  poolTimeouts,
  queryText,
  returnedRows,
  rowCounts,
  seconds,
  spanRows,
} from './names.ts';

interface Sinks {
  readonly meter: Meter;
  readonly tracer: Tracer;
  readonly labels: Labels;
  /** The driver is measured by an instrumentation of its own: it records the durations, and its spans are children. */
  readonly driverInstrumented: boolean;
}

/** A span for each statement, under the caller's, and how long it took. */
export function queryTelemetry({ meter, tracer, labels, driverInstrumented }: Sinks): Subscription {
  const durations = meter.createHistogram(operationDuration, { ...seconds, description: 'Duration of statements.' });
  const rows = meter.createHistogram(returnedRows, { ...rowCounts, description: 'Rows that statements returned.' });
  const timeouts = meter.createCounter(poolTimeouts, {
    ...{ unit: '{timeout}', description: 'Statements that got no connection of the pool in time.' },
  });
  const spans = new WeakMap<QueryTrace, { readonly span: Span; readonly of: Attributes }>();

  const started = (trace: QueryTrace): void => {
    const of = labels.of(trace.id);
    if (!of) return;
    const text = trace.sql === undefined ? {} : { [queryText]: trace.sql };
    const attributes = { ...of, [operation]: trace.operation, [generation]: trace.generation, ...text };
    const name = `${trace.operation} ${trace.connection}`;
    const kind = driverInstrumented ? SpanKind.INTERNAL : SpanKind.CLIENT;
    const span = tracer.startSpan(name, { kind, startTime: trace.start, attributes });
    const inside = traces.setSpan(context.active(), span);
    trace.around = (send) => context.with(inside, send);
    spans.set(trace, { span, of: { ...of, [operation]: trace.operation } });
  };

  const ended = (trace: QueryTrace): void => {
    const { span, of } = spans.get(trace) ?? {};
    if (!span || !of) return;
    const { error, rowCount, duration = 0, start } = trace;
    const failed = error && { ...statusOf(error), [errorCode]: error.code };
    // The instrumentation of pg measures no cursor.
    if (!driverInstrumented || trace.operation === 'stream') durations.record(duration / 1000, { ...of, ...failed });
    if (error?.code === 'pool_exhausted') timeouts.add(1, { [poolName]: trace.id });
    if (rowCount !== undefined) {
      span.setAttribute(spanRows, rowCount);
      if (trace.operation !== 'execute') rows.record(rowCount, of);
    }
    if (error) {
      span.setAttributes({ ...failed });
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.code });
    }
    span.end(start + duration);
  };

  const listen = (message: unknown): void => {
    const trace = message as QueryTrace;
    if (trace.phase === 'start') started(trace);
    else ended(trace);
  };
  subscribe('hotline:query', listen);
  return new Subscription(() => unsubscribe('hotline:query', listen));
}
