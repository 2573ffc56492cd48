import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { filter, interval, merge, NEVER, takeUntil, timer, type Observable } from 'rxjs';
import type { ConnectionRegistry } from '../index.ts';
import { act, cacheOf, listed } from './actions.ts';
import type { Activity } from './activity.ts';
import { addressOf } from './gate.ts';
import type { PageFile } from './page-files.ts';

/** Sends each state as a server-sent event; a page that reads slowly gets the latest one. Ends with the server, and when nothing is left. */
export function sendLive(state$: Observable<string>, response: ServerResponse, left = Infinity): void {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', connection: 'close' });
  response.write('retry: 1000\n\n');
  let waiting: string | undefined;
  const send = (state: string): void => {
    if (response.writableNeedDrain) waiting = state;
    else response.write(`data: ${state}\n\n`);
  };
  response.on('drain', () => {
    if (waiting !== undefined) response.write(`data: ${waiting}\n\n`);
    waiting = undefined;
  });
  const { server } = response.socket as { server?: Server };
  // A server that was told to close waits for every answer that is under way: this one would never end.
  const leaving$ = interval(500).pipe(filter(() => server?.listening === false));
  const over$ = left === Infinity ? NEVER : timer(left);
  const sending = state$
    .pipe(takeUntil(merge(leaving$, over$)))
    .subscribe({ next: send, complete: () => response.end() });
  response.on('close', () => sending.unsubscribe());
}

/** The headers of every answer: keep nothing, embed nothing, run nothing but the page's own scripts. */
export function protective(inlineScripts: readonly string[]): Readonly<Record<string, string>> {
  const hashes = inlineScripts.map((hash) => ` 'sha256-${hash}'`).join('');
  return {
    'content-security-policy': [
      "default-src 'none'",
      `script-src 'self'${hashes}`,
      "style-src 'self'",
      "img-src 'self'",
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      'trusted-types lit-html',
    ].join('; '),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
  };
}

/** The parts from which answers are made. */
interface BoardContext {
  readonly hot: ConnectionRegistry;
  readonly activity: Activity;
  readonly files: ReadonlyMap<string, PageFile>;
  /** True where the buttons of the page may be pressed. */
  readonly actions: boolean;
  /** Milliseconds for which the browser is let in. */
  readonly left: number;
  readonly state$: Observable<string>;
}

/** Answers a request of somebody who was let in. Only the last part of the path counts: the board may be mounted anywhere. */
export async function answer(request: IncomingMessage, response: ServerResponse, context: BoardContext): Promise<void> {
  const { pathname, searchParams } = addressOf(request);
  const last = pathname.slice(pathname.lastIndexOf('/') + 1);
  const id = searchParams.get('id') ?? '';
  if (request.method === 'POST') {
    if (!context.actions) return plain(response, 403, readOnly);
    const asked = { id, tag: searchParams.get('tag') ?? undefined, ...numbersOf(searchParams) };
    return json(response, await act(context.hot, last, asked, context.activity));
  }
  if (last === 'live') return sendLive(context.state$, response, context.left);
  if (last === 'config') return json(response, (await listed(context.hot, id))?.describe());
  if (last === 'cache') return json(response, await cacheOf(context.hot, id));
  const file = fileAt(pathname, context.files);
  if (!file) return plain(response, 404, 'There is no such page.');
  response.writeHead(200, { 'content-type': file.type }).end(file.body);
}

function numbersOf(params: URLSearchParams): { readonly generation?: number; readonly n?: number } {
  const given = (['generation', 'n'] as const).filter((name) => /^\d{1,15}$/.test(params.get(name) ?? ''));
  return Object.fromEntries(given.map((name) => [name, Number(params.get(name))]));
}

const readOnly =
  'The board is read-only. `actions: true` of boardHandler and serveBoard, or `hotline board --actions`, permits its buttons.';

/** Says something short. */
export function plain(response: ServerResponse, status: number, text: string): void {
  if (!response.headersSent) response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
}

function json(response: ServerResponse, value: unknown): void {
  if (value === undefined)
    return plain(response, 404, 'There is no such connection, or no such button, or what it is about has ended.');
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(value, printable));
}

/** An integer of TOML may be beyond the numbers of JSON, which has no bigint; and it has no word for a policy that never ends. */
function printable(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' || value === Infinity ? String(value) : value;
}

/** The file whose name the path ends with; a path that ends with `/` is the page. */
function fileAt(path: string, files: ReadonlyMap<string, PageFile>): PageFile | undefined {
  if (path.endsWith('/')) return files.get('index.html');
  const parts = path.split('/');
  return parts.map((_, from) => files.get(parts.slice(from).join('/'))).find((file) => file !== undefined);
}
