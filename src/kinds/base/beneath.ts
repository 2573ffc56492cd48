import type { Secrets } from '../../secrets/index.ts';

/** What is known of a connection when the settings that other tools keep of it are looked for. */
export interface Above {
  /** The name of the connection. */
  readonly name: string;
  /** Its section, with the params over it. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Whether it has a section. */
  readonly stated: boolean;
  /** All that the sources hold. */
  readonly secrets: Pick<Secrets, 'reveal' | 'origin'>;
}

/** Settings that lie beneath the section and the params of a connection. */
export interface Beneath {
  /** They are used where neither the section nor the params say something. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Where one of them was written. */
  origin(path: readonly string[]): string;
}
