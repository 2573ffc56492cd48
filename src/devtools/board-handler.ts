import type { IncomingMessage, ServerResponse } from 'node:http';
import { Subject, takeUntil } from 'rxjs';
import type { ConnectionRegistry } from '../index.ts';
import { Activity } from './activity.ts';
import { addressOf, Admission, gate } from './gate.ts';
import { answer, plain, protective } from './answer.ts';
import { boardState$ } from './board-state.ts';
import { History } from './history.ts';
import { inlineScripts, pageFiles } from './page-files.ts';
import { enter, sessionLeft } from './session.ts';

/** Options of the board. */
export interface BoardOptions {
  /**
   * Host names that the page may be asked for by, besides `localhost`, `127.0.0.1` and `[::1]`. Default: none.
   * Naming any opens the board to callers from outside this machine; they still need a token, and you an https server.
   */
  readonly hosts?: readonly string[];
  /** The number of events, and of instances that are over, that the page remembers. Default: 300. `0`: none. */
  readonly history?: number;
  /**
   * `true`: whoever is let in may press the buttons of the page: ping, reset, end the leases of an instance, cancel a statement, forget
   * cached results, and look at the sources again. Each asks before it acts. Default `false`: the board is read-only, and every POST request is refused.
   */
  readonly actions?: boolean;
}

/** The board as a handler for an HTTP server of yours: a plain `(request, response)` function. */
export interface BoardHandler {
  (request: IncomingMessage, response: ServerResponse): void;
  /** A new token: `?token=…` behind the address of the page lets one browser in, once, within 15 minutes, and for 12 hours. */
  token(): string;
  /** Ends every page that is open, and listens to the registry no more. */
  close(): void;
}

/**
 * The board of a registry, for an HTTP server of yours. It listens to the registry's events from now on.
 * Mount it anywhere under a path that ends with `/`.
 *
 * @example
 * const board = boardHandler(hot);
 * createServer((request, response) => (request.url?.startsWith('/board/') ? board : app)(request, response)).listen(3000);
 * console.log(`http://localhost:3000/board/?token=${board.token()}`);
 */
export function boardHandler(hot: ConnectionRegistry, options: BoardOptions = {}): BoardHandler {
  const { hosts = [], history: kept = 300, actions = false } = options;
  const files = pageFiles();
  const headers = Object.entries(protective(inlineScripts(files.get('index.html')!)));
  const refuse = gate(hosts);
  const admission = new Admission();
  const history = new History(kept);
  const closed$ = new Subject<void>();
  const listening = hot.events$.subscribe((event) => history.take(event));
  const activity = new Activity(actions);
  const state$ = boardState$(hot, { history, activity, actions }).pipe(takeUntil(closed$));
  const desk = { hot, activity, files, actions, state$ };
  let closed = false;

  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    for (const [name, value] of headers) response.setHeader(name, value);
    const refusal = refuse(request);
    if (refusal) return plain(response, refusal.status, refusal.message);
    if (closed) return plain(response, 503, 'The board was closed.');
    const { pathname, searchParams } = addressOf(request);
    const token = pathname.endsWith('/') && request.method === 'GET' ? searchParams.get('token') : null;
    const left = sessionLeft(request, admission);
    if (token === null ? left === 0 : !enter(token, request, response, admission))
      return plain(
        response,
        401,
        'A link to the board lets one browser in, once, for a while. Ask the program for a new one.',
      );
    if (token === null)
      answer(request, response, { ...desk, left }).catch(() => plain(response, 500, 'The board has no answer.'));
  };

  return Object.assign(handle, {
    token: () => admission.issue(),
    close() {
      closed = true;
      listening.unsubscribe();
      closed$.next();
    },
  });
}
