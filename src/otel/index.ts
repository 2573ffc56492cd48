// `hotline/otel`: metrics and spans of a registry, for OpenTelemetry.

export { instrumentConnections, type Instrumentation, type InstrumentationOptions } from './instrument.ts';
