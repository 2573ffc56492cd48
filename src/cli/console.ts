import type { Outlet } from './output/outlet.ts';

/** Where a command speaks, and what stops it. */
export interface Console {
  /** What was asked for. */
  readonly out: Outlet;
  /** Everything else: progress, hints, errors. */
  readonly err: Outlet;
  /** Fires at Ctrl-C, and when nobody reads any more. */
  readonly signal: AbortSignal;
}

/** The options that all commands have. */
export interface CommonOptions {
  readonly secrets?: readonly string[];
  readonly environment?: string;
  readonly json?: boolean;
}
