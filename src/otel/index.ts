/**
 * Metrics and spans of a registry, for OpenTelemetry.
 *
 * @module hotline/otel
 */

export { instrumentConnections, type Instrumentation, type InstrumentationOptions } from './instrument.ts';
