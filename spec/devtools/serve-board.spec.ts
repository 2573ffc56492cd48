import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { serveBoard, type ServedBoard } from 'hotline/devtools';
import { Admission } from '../../src/devtools/gate.ts';
import { inlineScripts, pageFiles } from '../../src/devtools/page-files.ts';
import { enter, sessionLeft } from '../../src/devtools/session.ts';
import { answerTo, stage, type Stage } from './support/stage.ts';

describe('serve board', () => {
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
});

describe('page files', () => {
  const files = pageFiles();

  it('are the page, its style and its icon, each with its type', () => {
    expect(files.get('index.html')?.type).toBe('text/html; charset=utf-8');
    expect(files.get('board.css')?.type).toBe('text/css; charset=utf-8');
    expect(files.get('icon.svg')?.type).toBe('image/svg+xml');
  });

  it('are no source maps, declarations or licences', () => {
    expect([...files.keys()].filter((name) => !/\.(html|css|js|svg)$/.test(name))).toEqual([]);
  });

  it('ask nobody else for anything', () => {
    for (const name of ['index.html', 'board.css'])
      expect(files.get(name)!.body.toString()).not.toMatch(/https?:|\/\/|@import|url\(/);
  });

  it('have no style or script inside, but the one map whose digest is told', () => {
    const html = files.get('index.html')!.body.toString();
    expect(html).not.toMatch(/<style|style=|\son\w+=/);
    const inside = [...html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>(.*?)<\/script>/gs)].map(([, text]) => text!);
    const digests = inside.map((text) => createHash('sha256').update(text).digest('base64'));
    expect(inlineScripts(files.get('index.html')!)).toEqual(digests);
    expect(digests).toHaveLength(1);
  });
});

describe('session', () => {
  function from(cookie: string | undefined, socket: object = {}): IncomingMessage {
    return { headers: { cookie }, socket: { localPort: 3000, ...socket } } as unknown as IncomingMessage;
  }

  function entering(request: IncomingMessage, admission: Admission, token: string): { in: boolean; headers: object } {
    const headers: Record<string, unknown> = {};
    const response = {
      setHeader: (name: string, value: string) => (headers[name] = value),
      writeHead: (status: number, more: object) => (Object.assign(headers, { status }, more), response),
      end: () => response,
    };
    return { in: enter(token, request, response as unknown as ServerResponse, admission), headers };
  }

  describe('sessions', () => {
    it('a good token becomes a cookie of this port, and leaves the address', () => {
      const admission = new Admission();
      const { headers } = entering(from(undefined), admission, admission.issue());
      expect(headers).toEqual({
        'set-cookie': expect.stringMatching(/^hotline-board-3000=[\w-]{32}; Max-Age=43200; HttpOnly; SameSite=Strict$/),
        status: 303,
        location: './',
      });
    });

    it('over https the cookie is for https', () => {
      const admission = new Admission();
      const { headers } = entering(from(undefined, { encrypted: true }), admission, admission.issue());
      expect(headers).toMatchObject({ 'set-cookie': expect.stringMatching(/; Secure$/) });
    });

    it('a bad token is refused; a browser that is known may follow an old link again', () => {
      const admission = new Admission();
      const session = admission.redeem(admission.issue())!;
      expect(entering(from(undefined), admission, 'guess').in).toBe(false);
      expect(entering(from(`hotline-board-3000=${session}`), admission, 'guess')).toEqual({
        in: true,
        headers: { status: 303, location: './' },
      });
    });

    it('is found among other cookies, and not under the name of another port', () => {
      const admission = new Admission();
      const session = admission.redeem(admission.issue())!;
      expect(sessionLeft(from(`a=b; hotline-board-3000=${session};c=d`), admission)).toBeGreaterThan(0);
      expect(sessionLeft(from(`hotline-board-3001=${session}`), admission)).toBe(0);
      expect(sessionLeft(from(`hotline-board-3000=${session.slice(1)}`), admission)).toBe(0);
      expect(sessionLeft(from(undefined), admission)).toBe(0);
    });
  });
});
