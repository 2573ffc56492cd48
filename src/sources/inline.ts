import { catchError, isObservable, map, of, type Observable } from 'rxjs';
import { readable, SourceError } from '../errors/index.ts';
import { asSource, failedState, type Source, type SourceState } from './source.ts';
import { secretTree } from './secret-tree.ts';

const label = 'inline';

/**
 * Secrets that the program holds itself, or a stream of them: each emission replaces the one before.
 * They are copied, so a later change of the object changes nothing. They are trusted like code.
 *
 * @example
 * const tests = createConnections({ sources: [inline({ connections: { pets: { url: 'sqlite://:memory:' } } })] });
 */
export function inline(secrets: object | Observable<object>): Source {
  if (!readable(undefined, () => isObservable(secrets))) return asSource(of(loaded(secrets)), { label });
  const stream$ = secrets as Observable<unknown>;
  const states$ = stream$.pipe(
    map(loaded),
    catchError((cause: unknown) => of(ended(cause))),
  );
  return asSource(states$, { label });
}

function loaded(secrets: unknown): SourceState {
  try {
    return { state: 'loaded', trust: 'local', secrets: secretTree(secrets, label) };
  } catch (error) {
    return failedState(label, error);
  }
}

/** The state after an error of the stream: an Observable that has errored emits nothing more. */
function ended(cause: unknown): SourceState {
  const what = 'its stream ended with an error, so no change will come any more';
  const error = new SourceError('source_unreadable', `${label}: ${what}; what was loaded before stays in use.`, {
    cause,
  });
  return failedState(label, error);
}
