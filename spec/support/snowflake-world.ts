import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect } from '@jest/globals';
import {
  createConnections,
  inline,
  SnowflakeConnection,
  type ConnectionEvent,
  type ConnectionRegistry,
} from '../../src/index.ts';
import { sandboxDriver, type DriverSandbox } from './snowflake-server/driver.ts';
import { SnowflakeServer, type SnowflakeServerOptions } from './snowflake-server/index.ts';

/** A local Snowflake and a registry with one connection to it, `wh`. The driver is the real one. */
export interface SnowflakeWorld {
  readonly server: SnowflakeServer;
  readonly hot: ConnectionRegistry;
  readonly events: ConnectionEvent[];
  /** The handle; opens nothing new. */
  wh(): Promise<SnowflakeConnection>;
  /** Once everything is closed: that the server has no session left is for the spec to see. */
  close(): Promise<void>;
}

export interface SnowflakeWorldOptions {
  readonly server?: SnowflakeServerOptions;
  /** Over `account`, `accessUrl`, `username` and `password`; `undefined` takes one away. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Policies of the registry. */
  readonly policies?: Parameters<typeof createConnections>[0];
}

/**
 * Prepares the environment of the driver for a spec file; call it before anything else. Once the specs are over nothing
 * may have reached the process itself, and no new file may lie in the working directory.
 */
export function sandbox(): DriverSandbox {
  const reached: unknown[] = [];
  const note = (error: unknown): void => void reached.push(error);
  const events = ['uncaughtExceptionMonitor', 'unhandledRejection'] as const;
  const files = readdirSync('.');
  beforeAll(() => events.forEach((event) => process.on(event, note)));
  afterAll(() => {
    for (const event of events) process.off(event, note);
    expect(reached).toEqual([]);
    expect(readdirSync('.').filter((file) => !files.includes(file))).toEqual([]);
  });
  return sandboxDriver();
}

export async function openSnowflake(options: SnowflakeWorldOptions = {}): Promise<SnowflakeWorld> {
  const server = await new SnowflakeServer(options.server).listen();
  const settings = {
    account: 'local',
    accessUrl: server.accessUrl,
    username: 'dev',
    password: 'dev',
    ...options.settings,
  };
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  const events: ConnectionEvent[] = [];
  const hot = createConnections({ sources: [inline({})], retry: { attempts: 2, minDelay: 20 }, ...options.policies });
  hot.events$.subscribe((event) => events.push(event));
  return {
    server,
    hot,
    events,
    wh: () => hot.connection('wh', { type: SnowflakeConnection, params: given }),
    async close() {
      server.clearFaults();
      await hot.close({ timeout: 5000 });
      await server.close();
    },
  };
}

/** The error that a promise rejects with. */
export async function errorOf(
  promise: Promise<unknown>,
): Promise<{ code?: string; category?: string; message: string; [key: string]: unknown }> {
  try {
    await promise;
  } catch (error) {
    return error as { message: string };
  }
  throw new Error('It did not reject.');
}
