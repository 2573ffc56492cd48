import type { Target } from './contender.ts';

/** Real databases to connect to, and what can happen to them. */
export interface Ground {
  /** What stands in the titles. */
  readonly name: string;
  /** The statement whose `place` says which target has run it, after four milliseconds where the database can wait. */
  readonly where: string;
  readonly home: Target;
  /** Two more databases of the server that `home` is on. */
  readonly sameServer: readonly [Target, Target];
  /** Where everything moves to: on another server, where there is one. */
  readonly elsewhere: Target;
  /** Absent where nobody logs in. */
  readonly role?: Role;
  /** Absent where there is no line. */
  readonly line?: SlowLine;
  /** How many connections to all of the targets are open. */
  connections(): Promise<number>;
  close(): Promise<void>;
}

/** The role that everybody connects as. */
export interface Role {
  readonly firstPassword: string;
  /** `home` with this password. */
  at(password: string): Target;
  alterPassword(password: string): Promise<void>;
  /** Cuts every connection of the role. */
  cutAll(): Promise<void>;
}

/** Two targets behind lines so slow that opening takes half a second, until `fast()`. */
export interface SlowLine {
  readonly targets: readonly [Target, Target];
  slow(): void;
  fast(): void;
}
