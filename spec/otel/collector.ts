import { InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { AggregationTemporality, type Histogram } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Attributes } from '@opentelemetry/api';

/** What a metric said of these attributes, or of any that have them among others. */
export type Collected = (name: string, attributes?: Attributes) => number | Histogram | undefined;

/** An OpenTelemetry SDK in memory. */
export class Collector {
  readonly #metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  readonly #spans = new InMemorySpanExporter();
  readonly #reader = new PeriodicExportingMetricReader({ exporter: this.#metrics, exportIntervalMillis: 3_600_000 });
  readonly meterProvider = new MeterProvider({ readers: [this.#reader] });
  readonly tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(this.#spans)] });

  async collect(): Promise<Collected> {
    this.#metrics.reset();
    await this.#reader.forceFlush();
    const found = this.#metrics
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics));
    return (name, attributes = {}) => {
      const points = found
        .filter(({ descriptor }) => descriptor.name === name)
        .flatMap(({ dataPoints }) => dataPoints as { attributes: Attributes; value: number | Histogram }[])
        .filter((point) => Object.entries(attributes).every(([key, value]) => point.attributes[key] === value));
      if (points.length > 1) throw new Error(`${name}: ${points.length} series have ${JSON.stringify(attributes)}`);
      return points[0]?.value;
    };
  }

  get spans() {
    return this.#spans.getFinishedSpans();
  }

  /** The names of all metrics, and of all attributes of spans and metrics, that ever went out; after `collect`. */
  get names(): { readonly metrics: readonly string[]; readonly attributes: readonly string[] } {
    const found = this.#metrics
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))
      .filter(({ dataPoints }) => dataPoints.length > 0);
    const points = found.flatMap(({ dataPoints }) => dataPoints as readonly { attributes: Attributes }[]);
    const all = [...points, ...this.spans].flatMap(({ attributes }) => Object.keys(attributes));
    return { metrics: found.map(({ descriptor }) => descriptor.name).sort(), attributes: [...new Set(all)].sort() };
  }

  /** Everything that went out, as text. */
  get text(): string {
    const spans = this.spans.map(({ name, attributes, status, events }) => ({ name, attributes, status, events }));
    return JSON.stringify([this.#metrics.getMetrics().map(({ scopeMetrics }) => scopeMetrics), spans]);
  }

  async shutdown(): Promise<void> {
    await this.meterProvider.shutdown();
    await this.tracerProvider.shutdown();
  }
}
