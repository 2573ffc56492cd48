import { createConnections, type ConnectionRegistry, type SecretTree } from 'hotline';
import { instrumentConnections, type InstrumentationOptions } from 'hotline/otel';
import { memoryKind, memorySource, type MemoryKind, type MemorySource } from 'hotline/testing';
import { Collector } from './collector.ts';

export interface Stage {
  readonly hot: ConnectionRegistry;
  readonly source: MemorySource;
  readonly memory: MemoryKind;
  readonly collector: Collector;
  close(): Promise<void>;
}

/** A registry in memory that is measured by an SDK in memory. */
export function stage(connections: SecretTree, options: InstrumentationOptions = {}): Stage {
  const source = memorySource({ connections });
  const memory = memoryKind();
  const hot = createConnections({ sources: [source], types: { memory: memory.Kind }, retry: { attempts: 1 } });
  const collector = new Collector();
  instrumentConnections(hot, { ...collector, ...options });
  return {
    ...{ hot, source, memory, collector },
    async close() {
      await hot.close({ timeout: 0 });
      await collector.shutdown();
    },
  };
}

export const pool = (id: string) => ({ 'db.client.connection.pool.name': id });

/** When all that was begun has happened. */
export const settled = (): Promise<void> => new Promise((done) => setTimeout(done, 20));
