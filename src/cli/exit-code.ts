/** The exit codes. After Ctrl-C it is 130, after SIGTERM 143, as in every shell. */
export const exitCode = {
  fine: 0,
  /** A connection, a statement or a check failed. */
  failed: 1,
  /** The command was misused: an unknown option or name, an argument of the wrong shape. */
  misused: 2,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** The command was used wrongly; `message` says how to use it. */
export class Misuse extends Error {
  override readonly name = 'Misuse';
}
