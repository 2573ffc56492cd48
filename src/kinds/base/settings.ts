import type { Config, Secrets } from '../../secrets/index.ts';

/** The declaration of one setting of a kind. */
export interface Setting {
  /**
   * The name that params in code may give it instead, where its value is read in another way there, as a number of milliseconds is. Default: its own
   * in camelCase, which is read as its own.
   */
  readonly inCode?: string;
  /** Permits to show its value, or, of a table, the values at these paths inside it. Default: no, every setting is secret. */
  readonly public?: boolean | readonly string[];
  /** Gives the form in which a secret value may be shown, such as a URL without its password; `undefined`: `[redacted]`. Default: `[redacted]`. */
  readonly shown?: (value: unknown) => string | undefined;
  /** Tells whether, in this config, its value names a file of this machine: then it is taken from the call and from local sources only. Default: never. */
  readonly local?: (config: Config) => boolean;
  /** Marks a setting that says where to connect. Where a kind marks some, a call for a name without a section has to give one of them. Default: no. */
  readonly locates?: boolean;
  /** One sentence, for `hotline init` and the JSON Schema. */
  readonly description?: string;
  /** A JSON Schema for its value. Default: anything. */
  readonly schema?: Readonly<Record<string, unknown>>;
}

/** The settings of a kind by name. A name that is not among them is one warning, with the nearest that is. */
export type Settings = Readonly<Record<string, Setting>>;

/** A connection whose fallback settings are asked for. */
export interface FallbackContext {
  /** The name of the connection. */
  readonly name: string;
  /** Its section, with the params over it. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Tells whether it has a section. */
  readonly hasSection: boolean;
  /** The secrets of all sources. */
  readonly secrets: Pick<Secrets, 'reveal' | 'origin'>;
}

/** Settings that other tools keep of a connection: used where neither its section nor its params say something. */
export interface FallbackSettings {
  /** The settings by name. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The origin of one of them. */
  origin(path: readonly string[]): string;
}
