import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Subject } from 'rxjs';
import { sendLive } from '../../src/devtools/live-stream.ts';

let server: Server;
afterEach(() => {
  server.close();
  server.closeAllConnections();
});

async function listening(state$: Subject<string>): Promise<IncomingMessage> {
  server = createServer((_, response) => sendLive(state$, response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const asking = request({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' }).end();
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  response.setEncoding('utf8');
  return response;
}

async function until(response: IncomingMessage, end: string): Promise<string> {
  let read = '';
  for await (const chunk of response.iterator({ destroyOnReturn: false }) as AsyncIterable<string>) {
    read += chunk;
    if (read.includes(end)) break;
  }
  return read;
}

describe('the live stream', () => {
  it('sends each state as one event', async () => {
    const state$ = new Subject<string>();
    const response = await listening(state$);
    expect(response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    await until(response, 'retry: 1000\n\n');
    state$.next('{"at":1}');
    expect(await until(response, '\n\n')).toBe('data: {"at":1}\n\n');
  });

  it('lets go of the states when the page is closed', async () => {
    const state$ = new Subject<string>();
    const response = await listening(state$);
    expect(state$.observed).toBe(true);
    response.destroy();
    while (state$.observed) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('ends when the states do', async () => {
    const state$ = new Subject<string>();
    const response = await listening(state$);
    const ended = once(response.resume(), 'end');
    state$.complete();
    await ended;
  });

  it('does not keep a server open that was told to close', async () => {
    const response = await listening(new Subject());
    response.resume();
    await new Promise((resolve) => server.close(resolve));
  });

  it('sends a page that reads slowly the latest state, and does not queue the others', async () => {
    const state$ = new Subject<string>();
    const response = await listening(state$);
    await until(response, '\n\n');
    const long = 'x'.repeat(1_000_000);
    for (let n = 1; n <= 40; n++) {
      state$.next(`${n}:${long}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    state$.next('last');
    expect((await until(response, 'data: last\n\n')).length).toBeLessThan(30_000_000);
  });
});
