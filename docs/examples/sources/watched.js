// A source over a store that gives a text with its version and then tells of changes: `kubernetes-api.js` and `etcd.js` say how.
// `list(signal)` resolves with { text, version }; a text that is undefined is not there. `watch(version, signal)` resolves with an async
// iterable of the same, from that version on, or with undefined where the store has forgotten it (410 Gone); a change whose version is undefined
// says so later. Then it is listed again. A change without a text moves the version alone. A watch that has told nothing for `silence`
// milliseconds may be half open: it is ended, and the next one goes on from the same version.
import { setTimeout as pause } from 'node:timers/promises';
import { parseSecrets, SourceError } from 'hotline';
import { distinctUntilChanged, finalize, Observable, ReplaySubject, share, startWith, Subject, switchMap } from 'rxjs';

const patience = [500, 30_000];

export function watched({ label, list, watch, delays: [firstDelay, lastDelay] = patience, silence = 120_000 }) {
  const stateOf = (text) => {
    if (text === undefined)
      return { state: 'missing', error: new SourceError('source_missing', `${label} is not there.`) };
    try {
      return { state: 'loaded', secrets: parseSecrets(text, label) };
    } catch (error) {
      return { state: 'failed', error };
    }
  };
  const failure = (error) => {
    if (error instanceof SourceError) return { state: 'failed', error };
    // The message of another error may quote a secret: only its code is shown.
    const code = error.cause?.code ?? error.code ?? error.name;
    return { state: 'failed', error: new SourceError('source_unreadable', `${label} cannot be read (${code}).`) };
  };

  const follow = async (say, signal) => {
    let [version, failures] = [undefined, 0];
    while (!signal.aborted) {
      const heard = unless(silence, 'ETIMEDOUT');
      try {
        if (version === undefined) {
          const listed = await list(AbortSignal.any([signal, AbortSignal.timeout(30_000)]));
          say(stateOf(listed.text));
          version = listed.version;
        }
        heard.again();
        const changes = await watch(version, AbortSignal.any([signal, heard.signal]));
        failures = 0;
        if (!changes) version = undefined;
        else
          for await (const change of uncut(changes)) {
            heard.again();
            version = change.version;
            if ('text' in change) say(stateOf(change.text));
          }
      } catch (error) {
        say(failure(error));
        [version, failures] = [undefined, failures + 1];
      } finally {
        heard.end();
      }
      const delay = Math.min(firstDelay * 2 ** failures, lastDelay) * (0.5 + Math.random() / 2);
      await pause(delay, undefined, { signal, ref: false }).catch(() => undefined);
    }
  };

  const asked$ = new Subject();
  let waiting = [];
  const answer = () => waiting.splice(0).forEach((done) => done());
  const followed$ = new Observable((subscriber) => {
    const stop = new AbortController();
    const say = (state) => {
      if (stop.signal.aborted) return;
      subscriber.next(state);
      answer();
    };
    void follow(say, stop.signal);
    return () => stop.abort();
  });
  const states$ = asked$.pipe(
    startWith(undefined),
    switchMap(() => followed$),
    distinctUntilChanged((a, b) => a.state !== 'loaded' && a.error.message === b.error?.message),
    finalize(answer),
    share({ connector: () => new ReplaySubject(1) }),
  );
  const look = () =>
    new Promise((done) => {
      if (!asked$.observed) return done();
      waiting.push(done);
      asked$.next();
    });
  return Object.assign(states$, { label, look });
}

/** A signal that fires with this code when `again()` has not been called for so many milliseconds. */
function unless(milliseconds, code) {
  const stop = new AbortController();
  let timer;
  const end = () => clearTimeout(timer);
  const again = () => {
    end();
    timer = setTimeout(() => stop.abort(Object.assign(new Error(code), { code })), milliseconds).unref();
  };
  return { signal: stop.signal, again, end };
}

/** Ends where the connection is cut: the next watch goes on from the same version. */
async function* uncut(changes) {
  try {
    yield* changes;
  } catch (error) {
    if (error instanceof SourceError) throw error;
  }
}

/** The lines of a body, as they come. */
export async function* lines(body) {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of body) {
    const whole = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = whole.pop();
    yield* whole.filter((line) => line.trim() !== '');
  }
  if (rest.trim() !== '') yield rest;
}

/** The whole of a body. */
export async function textOf(body) {
  let text = '';
  for await (const line of body) text += `${line}\n`;
  return text;
}
