import { createServer } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { serveBoard, type ServedBoard } from 'hotline/devtools';
import { answerTo, stage, type Stage } from './support/stage.ts';

let on: Stage;
let board: ServedBoard | undefined;
afterEach(async () => {
  await board?.close();
  await on.end();
});

describe('serveBoard', () => {
  it('serves on this machine, by a link that is good once', async () => {
    on = await stage();
    board = await serveBoard(on.hot);
    const { hostname, port, pathname, search } = new URL(board.url);
    expect([hostname, pathname]).toEqual(['127.0.0.1', '/']);
    expect((await answerTo(Number(port), `/${search}`)).status).toBe(303);
    expect((await answerTo(Number(port), `/${search}`)).status).toBe(401);
    expect((await answerTo(Number(port), `/${new URL(board.link()).search}`)).status).toBe(303);
  });

  it('on every address it still answers to loopback names only, until it is told others', async () => {
    on = await stage();
    board = await serveBoard(on.hot, { host: '0.0.0.0' });
    const { hostname, port, search } = new URL(board.url);
    expect(hostname).toBe('localhost');
    expect((await answerTo(Number(port), `/${search}`, { headers: { host: `192.0.2.1:${port}` } })).status).toBe(421);
    await board.close();
    board = await serveBoard(on.hot, { host: '0.0.0.0', hosts: ['192.0.2.1'] });
    expect(new URL(board.url).hostname).toBe('192.0.2.1');
  });

  it('close() ends the pages that are open, and frees the port; twice is once', async () => {
    on = await stage();
    board = await serveBoard(on.hot);
    const port = Number(new URL(board.url).port);
    await Promise.all([board.close(), board.close()]);
    const next = createServer();
    await once(next.listen(port, '127.0.0.1'), 'listening');
    next.close();
  });

  it('rejects when the port is taken', async () => {
    on = await stage();
    await expect(serveBoard(on.hot, { port: on.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
