import { Inject } from '@nestjs/common';
import { healthReport, type HealthOptions } from '../health/index.ts';
import type { ConnectionRegistry } from '../index.ts';
import { registryToken } from './inject.ts';

/** Options of a health check. */
export interface HealthIndicatorOptions extends Pick<HealthOptions, 'ping' | 'probe' | 'timeout'> {
  /** The status of a degraded connection. Default `'up'`, with `state: 'degraded'`: Terminus knows the word since 12.1. */
  readonly degraded?: 'up' | 'degraded' | 'down';
}

/**
 * The result of an indicator, as Terminus expects it.
 *
 * @inline
 */
type Result = Record<string, { readonly status: 'up' | 'down' } & Record<string, unknown>>;

/**
 * A health indicator of the shape that Terminus calls, which does not have to be installed for it.
 *
 * @example
 * class Health {
 *   constructor(readonly health: HealthCheckService, readonly hotline: HotlineHealthIndicator) {}
 *   check() { return this.health.check([() => this.hotline.isHealthy('pets')]); }
 * }
 */
export class HotlineHealthIndicator {
  readonly #hot: ConnectionRegistry;

  /** @hidden */
  constructor(hot: ConnectionRegistry) {
    this.#hot = hot;
  }

  /** Tells whether a connection serves, under its name. Never rejects. */
  async isHealthy(name: string, options: HealthIndicatorOptions = {}): Promise<Result> {
    const { degraded = 'up', ...look } = options;
    const { connections } = await healthReport(this.#hot, { ...look, connections: [name] });
    const [{ status, ...rest } = { status: 'down' as const }] = Object.values(connections);
    // A version of Terminus that does not know "degraded" says what is not "down" to be well.
    const said = (status === 'degraded' ? degraded : status) as 'up' | 'down';
    return { [name]: { status: said, ...rest } };
  }
}

Inject(registryToken)(HotlineHealthIndicator, undefined, 0);
