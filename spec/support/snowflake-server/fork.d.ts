import type { SnowflakeServerOptions } from './index.ts';

/** A server in another process. */
export interface ForkedSnowflakeServer {
  readonly accessUrl: string;
  readonly pid: number;
  /** Any member of the server by its path: `call('inject', fault)`, `call('users.set', name, user)`, `call('counters')`. */
  call(path: string, ...args: unknown[]): Promise<unknown>;
  close(): Promise<void>;
}

/** Starts a SnowflakeServer in a process of its own, so that its memory and time are not the client's. */
export function forkSnowflakeServer(options?: SnowflakeServerOptions): Promise<ForkedSnowflakeServer>;
