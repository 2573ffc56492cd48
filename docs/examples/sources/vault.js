// A source of your own: a secret of Vault's key-value engine (version 2), asked for every few seconds.
import { parseSecrets, SourceError } from 'hotline';
import { concatMap, map, merge, share, ReplaySubject, Subject, timer } from 'rxjs';

export function vault(url, token, { every = 10_000 } = {}) {
  const label = `vault:${new URL(url).pathname}`;

  async function read() {
    try {
      const response = await fetch(url, { headers: { 'x-vault-token': token }, signal: AbortSignal.timeout(5_000) });
      if (response.status === 404)
        return { state: 'missing', error: new SourceError('source_missing', `${label} is not there.`) };
      if (!response.ok) throw new SourceError('source_unreadable', `${label}: Vault answered ${response.status}.`);
      return { state: 'loaded', secrets: parseSecrets(await response.text(), label).data.data };
    } catch (cause) {
      if (cause instanceof SourceError) return { state: 'failed', error: cause };
      const error = new SourceError('source_unreadable', `${label} cannot be read.`, { cause, secrets: [token] });
      return { state: 'failed', error };
    }
  }

  const looks$ = new Subject();
  const states$ = merge(timer(0, every).pipe(map(() => () => {})), looks$).pipe(
    concatMap(async (done) => ({ state: await read(), done })),
    map(({ state, done }) => (queueMicrotask(done), state)),
    share({ connector: () => new ReplaySubject(1) }),
  );
  return Object.assign(states$, { label, look: () => new Promise((done) => looks$.next(done)) });
}
