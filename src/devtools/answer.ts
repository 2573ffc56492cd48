import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Observable } from 'rxjs';
import type { ConnectionRegistry } from '../index.ts';
import { act, listed } from './actions.ts';
import { addressOf } from './address.ts';
import { sendLive } from './live-stream.ts';
import type { PageFile } from './page-files.ts';

/** What the answers are made of. */
export interface Desk {
  readonly hot: ConnectionRegistry;
  readonly files: ReadonlyMap<string, PageFile>;
  readonly state$: Observable<string>;
}

/** Answers a request of somebody who was let in. Only the last part of the path counts: the board may be mounted anywhere. */
export async function answer(request: IncomingMessage, response: ServerResponse, desk: Desk): Promise<void> {
  const { pathname, searchParams } = addressOf(request);
  const last = pathname.slice(pathname.lastIndexOf('/') + 1);
  const id = searchParams.get('id') ?? '';
  if (request.method === 'POST') return json(response, await act(desk.hot, last, id));
  if (last === 'live') return sendLive(desk.state$, response);
  if (last === 'config') return json(response, (await listed(desk.hot, id))?.describe());
  const file = fileAt(pathname, desk.files);
  if (!file) return plain(response, 404, 'There is no such page.');
  response.writeHead(200, { 'content-type': file.type }).end(file.body);
}

/** Says something short. */
export function plain(response: ServerResponse, status: number, text: string): void {
  if (!response.headersSent) response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
}

function json(response: ServerResponse, value: unknown): void {
  if (value === undefined) return plain(response, 404, 'There is no such connection, and no such button.');
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(value));
}

/** The file whose name the path ends with; a path that ends with `/` is the page. */
function fileAt(path: string, files: ReadonlyMap<string, PageFile>): PageFile | undefined {
  if (path.endsWith('/')) return files.get('index.html');
  const parts = path.split('/');
  return parts.map((_, from) => files.get(parts.slice(from).join('/'))).find((file) => file !== undefined);
}
