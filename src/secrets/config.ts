/** The effective settings of one connection: its section of the secrets with the caller's params over it. Frozen; no policy in it; prints redacted. */
export type Config = Readonly<Record<string, unknown>>;
