import { SourceError } from '../errors/index.ts';
import type { SourceState } from './source.ts';

/** What every message about a file's contents ends with. */
export const mend = 'Mend it; what was loaded before stays in use.';

/** The state of a source that could not be read. What we did not throw ourselves may quote a secret: it is not shown. */
export function failedState(label: string, thrown: unknown): SourceState {
  const error =
    thrown instanceof SourceError ? thrown : new SourceError('source_invalid', `${label} cannot be read. ${mend}`);
  return { state: 'failed', trust: 'local', error };
}
