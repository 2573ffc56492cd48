/**
 * Whether a process lives and its connections serve, for any HTTP server.
 *
 * @module hotline/health
 */

export { healthHandler, type HealthHandler } from './handler.ts';
export { healthReport, type ConnectionHealth, type HealthOptions, type HealthReport } from './report.ts';
