import type { BaseConnection } from '../kinds/base/index.ts';
import type { FirstPartyKinds } from './kinds.ts';

/**
 * The connections of your program by name, for the type checker. Empty until you (or `hotline types`) say more;
 * from then on a name that is not among them does not compile.
 *
 * @example
 * declare module 'hotline' { interface Connections { pets: SqlConnection; wh: SnowflakeConnection } }
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- users augment it
export interface Connections {}

/** The names that may be used without saying the type: all, until `Connections` says which there are. */
export type ConnectionName = [keyof Connections] extends [never]
  ? string
  : // eslint-disable-next-line @typescript-eslint/no-redundant-type-constituents -- not once users augment it
    keyof Connections | keyof FirstPartyKinds | `env:${string}`;

/** The kind of the connection of that name, as far as it is known. */
export type ConnectionOf<Name extends string> = Name extends keyof Connections
  ? Connections[Name]
  : Name extends keyof FirstPartyKinds
    ? FirstPartyKinds[Name]
    : BaseConnection<unknown>;

/**
 * The secrets of your program by path, for the type checker. Empty until you (or `hotline types`) say more; from then on
 * `secret` takes these paths, those below `connections`, and paths as arrays of keys.
 *
 * @example
 * declare module 'hotline' { interface SecretTypes { 'openai.api_key': string } }
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- users augment it
export interface SecretTypes {}

/** The paths that `secret` takes as text: all, until `SecretTypes` says which there are. */
export type SecretName = [keyof SecretTypes] extends [never]
  ? string
  : // eslint-disable-next-line @typescript-eslint/no-redundant-type-constituents -- not once users augment it
    keyof SecretTypes | `connections.${string}`;
