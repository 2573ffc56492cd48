import { catchError, distinctUntilChanged, isObservable, map, of, type Observable } from 'rxjs';
import { SourceError } from '../errors/index.ts';
import { asSource } from './as-source.ts';
import { sameState } from './same-secrets.ts';
import { secretTree } from './secret-tree.ts';
import type { Source, SourceState } from './source.ts';

const label = 'inline';

/**
 * Secrets that the program holds itself, or a stream of them: each emission replaces the one before.
 * They are copied, so what happens to the object afterwards changes nothing. What is in them is trusted like code.
 *
 * @example
 * const tests = createConnections({ sources: [inline({ connections: { pets: { url: 'sqlite://:memory:' } } })] });
 */
export function inline(secrets: object | Observable<object>): Source {
  if (!isObservable(secrets)) return asSource(of(loaded(secrets)), { label });
  const stream$: Observable<unknown> = secrets;
  const states$ = stream$.pipe(
    map(loaded),
    catchError((cause: unknown) => of(ended(cause))),
    distinctUntilChanged(sameState),
  );
  return asSource(states$, { label });
}

function loaded(secrets: unknown): SourceState {
  try {
    return { state: 'loaded', trust: 'local', secrets: secretTree(secrets, label) };
  } catch (error) {
    if (error instanceof SourceError) return { state: 'failed', trust: 'local', error };
    return failed('could not be read: a getter threw.', error);
  }
}

/** An Observable that has erred says nothing more. */
function ended(cause: unknown): SourceState {
  return failed('its stream ended with an error, so no change will come any more.', cause);
}

function failed(what: string, cause: unknown): SourceState {
  const error = new SourceError('source_unreadable', `${label}: ${what} What was loaded before stays in use.`, {
    cause,
  });
  return { state: 'failed', trust: 'local', error };
}
