/**
 * Health checks of a process and its connections, for any HTTP server.
 *
 * @module hotline/health
 */

export { healthHandler, type HealthHandler } from './handler.ts';
export { healthProbe, type HealthProbe, type HealthProbeOptions, type ProbeResult } from './probe.ts';
export { healthReport, type ConnectionHealth, type HealthOptions, type HealthReport } from './report.ts';
