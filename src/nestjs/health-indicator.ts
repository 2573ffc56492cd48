import { Inject } from '@nestjs/common';
import { healthReport, type HealthOptions } from '../health/index.ts';
import type { ConnectionRegistry } from '../index.ts';
import { registryToken } from './inject.ts';

/** How a connection is looked at. */
export interface HealthIndicatorOptions extends Pick<HealthOptions, 'ping' | 'timeout'> {
  /** What a degraded connection is called. Default `'up'`, with `state: 'degraded'`: Terminus knows the word since 12.1. */
  readonly degraded?: 'up' | 'degraded' | 'down';
}

/**
 * What Terminus takes for the result of an indicator.
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

  /** Whether a connection serves, under its name. Never rejects. */
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
