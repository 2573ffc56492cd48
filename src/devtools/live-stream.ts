import type { Server, ServerResponse } from 'node:http';
import { filter, interval, takeUntil, type Observable } from 'rxjs';

/** Sends each state as a server-sent event; a page that reads slowly gets the latest one. Ends with the server. */
export function sendLive(state$: Observable<string>, response: ServerResponse): void {
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
  const sending = state$.pipe(takeUntil(leaving$)).subscribe({ next: send, complete: () => response.end() });
  response.on('close', () => sending.unsubscribe());
}
