import { afterEach, describe, expect, it } from '@jest/globals';
import { planted, stage, type Answer, type Stage } from './support/stage.ts';

let on: Stage;
let cookie: string;
afterEach(() => on.end());

async function inside(): Promise<void> {
  on = await stage();
  cookie = await on.enter();
}

const get = (path: string): Promise<Answer> => on.ask(path, { headers: { cookie } });

const post = (path: string): Promise<Answer> =>
  on.ask(path, { method: 'POST', headers: { cookie, origin: `http://127.0.0.1:${on.port}` } });

describe('what the board answers', () => {
  it('the page and its files, wherever it is mounted', async () => {
    await inside();
    expect((await get('/')).headers['content-type']).toBe('text/html; charset=utf-8');
    expect((await get('/admin/board/board.css')).headers['content-type']).toBe('text/css; charset=utf-8');
  });

  it.each(['/package.json', '/../package.json', '/%2e%2e/index.ts', '/page/../../index.ts', '/nothing'])(
    'nothing else: %s',
    async (path) => {
      await inside();
      expect((await get(path)).status).toBe(404);
    },
  );

  it('the settings of a connection with the origin of each, redacted', async () => {
    await inside();
    await on.hot.connection('pets');
    const { body, headers } = await get('/config?id=pets');
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(JSON.parse(body)).toMatchObject({
      settings: [
        { path: 'host', value: 'db.example', origin: 'memory' },
        { path: 'password', value: '[redacted]', origin: 'memory' },
        { path: 'token', value: '[redacted]', origin: 'memory' },
      ],
    });
    expect((await get('/config?id=unknown')).status).toBe(404);
  });

  it('actions are POST only', async () => {
    await inside();
    await on.hot.connection('pets');
    for (const action of ['ping', 'reset', 'reload']) expect((await get(`/${action}?id=pets`)).status).toBe(404);
    expect(on.memory.log).toEqual(['connect 1', 'check 1']);
    expect(JSON.parse((await post('/ping?id=pets')).body)).toEqual({ took: expect.any(Number) });
    expect((await post('/close?id=pets')).status).toBe(404);
  });

  it('no secret, in none of the answers', async () => {
    await inside();
    await on.hot.connection('pets');
    on.memory.failNext(new Error(`refused ${planted.join(' ')}`), 9);
    const answers = [
      await post('/reset?id=pets'),
      await post('/ping?id=pets'),
      await post('/reload'),
      await get('/config?id=pets'),
      await get('/'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    const all = JSON.stringify(answers);
    for (const secret of planted) expect(all).not.toContain(secret);
  });
});
