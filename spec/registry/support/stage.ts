import {
  createConnections,
  type ConnectionEvent,
  type ConnectionRegistry,
  type CreateConnectionsOptions,
  type SecretTree,
} from 'hotline';
import { memoryKind, memorySource, type MemoryKind, type MemoryKindOptions, type MemorySource } from 'hotline/testing';
import { Clock } from './clock.ts';

export interface Stage {
  readonly clock: Clock;
  readonly source: MemorySource;
  readonly memory: MemoryKind;
  readonly hot: ConnectionRegistry;
  readonly events: readonly ConnectionEvent[];
  /** The types of the events, with what tells them apart. */
  told(...types: string[]): string[];
}

interface StageOptions extends Omit<CreateConnectionsOptions, 'sources' | 'types' | 'scheduler'> {
  readonly kind?: MemoryKindOptions;
}

/** A registry over one source and one kind in memory, under a clock that is set by hand. `type = 'memory'`. */
export function stage(
  connections: SecretTree = { pets: { type: 'memory', size: 1 } },
  { kind, ...options }: StageOptions = {},
): Stage {
  const clock = new Clock();
  const source = memorySource({ connections });
  const memory = memoryKind(kind);
  const hot = createConnections({ sources: [source], types: { memory: memory.Kind }, scheduler: clock, ...options });
  const events: ConnectionEvent[] = [];
  hot.events$.subscribe((event) => events.push(event));
  const told = (...types: string[]): string[] =>
    events.filter(({ type }) => types.length === 0 || types.includes(type)).map(asText);
  return { clock, source, memory, hot, events, told };
}

function asText(event: ConnectionEvent): string {
  const parts = [event.type, 'generation' in event && event.generation, 'reason' in event && event.reason];
  const error = 'error' in event && event.error?.code;
  return [...parts, 'code' in event && event.code, error]
    .filter((part) => part !== false && part !== undefined)
    .join(' ');
}

/** The code of the error with which a promise rejects. */
export async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'resolved',
    (error: { code?: unknown }) => error.code ?? error,
  );
}
