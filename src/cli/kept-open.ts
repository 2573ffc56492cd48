import { from, fromEvent, ignoreElements, map, mergeMap, retry, timer, type Observable } from 'rxjs';
import type { ConnectionRegistry } from '../index.ts';

/** How long a name rests that could not be opened at all, in milliseconds. */
const rest = 5000;

/** Interest in each of the names, or in every name that the secrets have and will have. Emits nothing. */
export function keptOpen$(hot: ConnectionRegistry, names: readonly string[]): Observable<never> {
  const known = new Set<string>();
  const asked$ = names.length > 0 ? from([names]) : hot.secrets$.pipe(map((secrets) => secrets.keys('connections')));
  return asked$.pipe(
    mergeMap((all) => all.filter((name) => !known.has(name) && known.add(name))),
    mergeMap((name) => hot.connection$(name).pipe(ignoreElements(), retry({ delay: () => timer(rest) }))),
  );
}

/** Emits at Ctrl-C. */
export function aborted$(signal: AbortSignal): Observable<unknown> {
  return signal.aborted ? from([signal]) : fromEvent(signal, 'abort');
}
