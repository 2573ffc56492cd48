import type { Secrets } from '../../secrets/index.ts';

/** A connection whose fallback settings are asked for. */
export interface FallbackContext {
  /** The name of the connection. */
  readonly name: string;
  /** Its section, with the params over it. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Whether it has a section. */
  readonly hasSection: boolean;
  /** The secrets of all sources. */
  readonly secrets: Pick<Secrets, 'reveal' | 'origin'>;
}

/** Settings that other tools keep of a connection: used where neither its section nor its params say something. */
export interface FallbackSettings {
  /** The settings by name. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Where one of them was written. */
  origin(path: readonly string[]): string;
}
