import type { Config } from '../../secrets/index.ts';

/** What a kind says of one of its settings. */
export interface Setting {
  /** Whether its value may be shown. Default: no, every setting is secret. */
  readonly public?: boolean;
  /** Whether, in this config, its value names a file of this machine: then it is taken from the call and from local sources only. Default: never. */
  readonly local?: (config: Config) => boolean;
  /** Whether it says where to connect. Where a kind marks some, a call for a name without a section has to give one of them. Default: no. */
  readonly locates?: boolean;
  /** One sentence, for `hotline init` and the JSON Schema. */
  readonly description?: string;
  /** A JSON Schema for its value. Default: anything. */
  readonly schema?: Readonly<Record<string, unknown>>;
}

/** The settings of a kind by name. A name that is not among them is one warning, with the nearest that is. */
export type Settings = Readonly<Record<string, Setting>>;
