import { defer, finalize, ignoreElements, type Observable, tap } from 'rxjs';
import type { Secrets } from './secrets.ts';

/**
 * While subscribed to, keeps the top-level strings and numbers of local origin in `env`; emits nothing. A variable that
 * was there before is never overwritten; one that somebody else has changed since is left to them. Remote values are
 * left out: a variable such as `NODE_OPTIONS` runs code.
 */
export function exportToEnvironment(secrets$: Observable<Secrets>, env: NodeJS.ProcessEnv): Observable<never> {
  return defer(() => {
    const written = new Map<string, string>();
    const put = (wanted: ReadonlyMap<string, string>): void => {
      for (const [key, text] of written) {
        const ours = env[key] === text;
        if (ours && wanted.has(key)) continue;
        if (ours) delete env[key];
        written.delete(key);
      }
      for (const [key, text] of wanted) {
        if (env[key] !== undefined && !written.has(key)) continue;
        env[key] = text;
        written.set(key, text);
      }
    };
    return secrets$.pipe(
      tap((secrets) => put(scalarsOf(secrets))),
      finalize(() => put(new Map())),
      ignoreElements(),
    );
  });
}

function scalarsOf(secrets: Secrets): ReadonlyMap<string, string> {
  const scalars = Object.entries(secrets.reveal()).flatMap(([key, value]) =>
    typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint'
      ? [[key, String(value)] as const]
      : [],
  );
  return new Map(scalars.filter(([key]) => secrets.trust([key]) === 'local'));
}
