import { HotlineError } from '../index.ts';
import type { BoardError } from './page/board-state.ts';

/** What may be shown of an error: ours are free of secrets, of all others only that they happened. */
export function shown(error: unknown): BoardError {
  if (error instanceof HotlineError) return { code: error.code, message: error.message };
  return {
    code: 'unexpected',
    message: 'Something failed that is not an error of hotline. See the log of the program.',
  };
}
