import { afterEach, describe, expect, it } from '@jest/globals';
import { stage, type Asked, type Stage } from './support/stage.ts';

let on: Stage;
afterEach(() => on.end());

const status = async (path: string, asked?: Asked): Promise<number> => (await on.ask(path, asked)).status;

describe('boardHandler: who is let in', () => {
  it('whoever has a token, once: it becomes a cookie', async () => {
    on = await stage();
    const token = on.board.token();
    const { status: first, headers } = await on.ask(`/?token=${token}`);
    expect([first, headers.location]).toEqual([303, './']);
    const cookie = headers['set-cookie']![0]!.split(';')[0]!;
    expect(await status('/', { headers: { cookie } })).toBe(200);
    expect(await status(`/?token=${token}`)).toBe(401);
  });

  it('nobody without', async () => {
    on = await stage();
    for (const path of [
      '/',
      '/live',
      '/config?id=pets',
      '/board.css',
      '/?token=',
      '/?token=guess',
      `/live?token=${on.board.token()}`,
    ])
      expect([path, await status(path)]).toEqual([path, 401]);
    const origin = `http://127.0.0.1:${on.port}`;
    expect(await status('/reset?id=pets', { method: 'POST', headers: { origin } })).toBe(401);
    expect(await status(`/?token=${on.board.token()}`, { method: 'POST', headers: { origin } })).toBe(401);
  });

  it('no request for another host: a name that leads here does not make it ours', async () => {
    on = await stage();
    const cookie = await on.enter();
    expect(await status('/', { headers: { cookie, host: 'evil.example' } })).toBe(421);
    expect(await status(`/?token=${on.board.token()}`, { headers: { host: 'evil.example' } })).toBe(421);
  });

  it('no request of another page, although the browser sends the cookie along', async () => {
    on = await stage({ actions: true });
    const cookie = await on.enter();
    await on.hot.connection('pets');
    const from = (origin: string): Asked => ({ method: 'POST', headers: { cookie, origin } });
    expect(await status('/reset?id=pets', from('http://evil.example'))).toBe(403);
    expect(await status('/reset?id=pets', from('http://127.0.0.1:1'))).toBe(403);
    expect(await status('/reset?id=pets', { method: 'POST', headers: { cookie } })).toBe(403);
    expect(await status('/live', { headers: { cookie, origin: 'http://evil.example' } })).toBe(403);
    expect(on.memory.open).toHaveLength(1);
    expect(await status('/reset?id=pets', from(`http://127.0.0.1:${on.port}`))).toBe(200);
  });

  it('every answer is protected, refusals too', async () => {
    on = await stage();
    const cookie = await on.enter();
    const answers = [
      await on.ask('/', { headers: { cookie } }),
      await on.ask('/nothing', { headers: { cookie } }),
      await on.ask('/'),
      await on.ask('/', { headers: { host: 'evil.example' } }),
    ];
    expect(answers.map((answer) => answer.status)).toEqual([200, 404, 401, 421]);
    for (const { headers } of answers)
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'content-security-policy': expect.stringContaining("default-src 'none'"),
      });
  });
});

describe('boardHandler: in a server of yours', () => {
  it('works under any path', async () => {
    on = await stage({}, (board) => (request, response) => {
      if (request.url?.startsWith('/admin/board/')) board(request, response);
      else response.end('the app');
    });
    const { headers } = await on.ask(`/admin/board/?token=${on.board.token()}`);
    const cookie = headers['set-cookie']![0]!.split(';')[0]!;
    expect(headers['set-cookie']![0]).not.toContain('Path');
    expect((await on.ask('/admin/board/board.css', { headers: { cookie } })).status).toBe(200);
    expect((await on.ask('/')).body).toBe('the app');
  });

  it('works where the framework takes its path off', async () => {
    on = await stage({}, (board) => (request, response) => {
      Object.assign(request, { originalUrl: request.url, url: request.url!.replace('/board', '') });
      board(request, response);
    });
    expect(await status(`/board/?token=${on.board.token()}`)).toBe(303);
  });

  it('answers to the hosts it is told', async () => {
    on = await stage({ hosts: ['board.example'] });
    expect(await status(`/?token=${on.board.token()}`, { headers: { host: 'board.example' } })).toBe(303);
    expect(await status(`/?token=${on.board.token()}`, { headers: { host: 'other.example' } })).toBe(421);
  });

  it('close() ends the pages and listens no more; the registry goes on', async () => {
    on = await stage();
    const cookie = await on.enter();
    const live = on.ask('/live', { headers: { cookie } });
    while ((await new Promise<number>((resolve) => on.server.getConnections((_, count) => resolve(count)))) === 0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    on.board.close();
    expect((await live).body).toContain('data: {');
    expect(await status('/', { headers: { cookie } })).toBe(503);
    expect((await on.hot.connection('pets')).name).toBe('pets');
  });
});
