import type { KvEntry } from '@nats-io/kv';
import { parseSecrets, SourceError, type SourceState } from '../index.ts';

/** What an entry says; `null` is a key that was never written. Whoever may write a bucket is not trusted with this machine. */
export function entryState(entry: KvEntry | null, label: string, optional: boolean): SourceState {
  if (!entry || entry.operation !== 'PUT') return missingState(`${label}: the key is not there. Put it.`, optional);
  try {
    const secrets = parseSecrets(entry.value, label);
    return { state: 'loaded', trust: 'remote', secrets, originOf: () => `${label}#${entry.revision}` };
  } catch (error) {
    return { state: 'failed', trust: 'remote', error: error as SourceError };
  }
}

/** Nothing is there; an optional source that never held anything holds nothing then. */
export function missingState(message: string, optional: boolean): SourceState {
  if (optional) return { state: 'missing', trust: 'remote' };
  return { state: 'missing', trust: 'remote', error: new SourceError('source_missing', message) };
}
