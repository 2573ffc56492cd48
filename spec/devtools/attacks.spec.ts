import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stage, type Asked, type Stage } from './support/stage.ts';

/** Each button of the page, as the page asks for it. */
const actions = [
  'ping?id=pets',
  'reset?id=pets',
  'cut?id=pets&generation=1',
  'cancel?id=pets&n=1',
  'invalidate?id=pets',
  'invalidate?id=pets&tag=a',
  'reload',
];

describe('attacks on the actions of a board that permits them', () => {
  let on: Stage;
  let cookie: string;
  let held: Promise<unknown>;
  let release = (): void => undefined;
  beforeAll(async () => {
    on = await stage({ actions: true });
    cookie = await on.enter();
    const pets = await on.hot.connection('pets');
    held = pets.use(() => new Promise<void>((resolve) => (release = resolve)));
  });
  afterAll(async () => {
    release();
    await held;
    await on.end();
  });

  const own = (): string => `http://127.0.0.1:${on.port}`;

  const attacks: Readonly<Record<string, readonly [status: number, asked: () => Asked]>> = {
    'no cookie': [401, () => ({ headers: { origin: own() } })],
    'a cookie that was guessed': [
      401,
      () => ({ headers: { origin: own(), cookie: cookie.replace(/=.*/, '=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA') } }),
    ],
    'a token in place of the cookie': [
      401,
      () => ({ headers: { origin: own(), cookie: cookie.replace(/=.*/, `=${on.board.token()}`) } }),
    ],
    'a name that leads here (DNS rebinding)': [
      421,
      () => ({ headers: { host: `evil.example:${on.port}`, origin: `http://evil.example:${on.port}`, cookie } }),
    ],
    'a form of another site (CSRF)': [403, () => ({ headers: { origin: 'http://evil.example', cookie } })],
    'a service on another port': [403, () => ({ headers: { origin: 'http://127.0.0.1:1', cookie } })],
    'a sandboxed frame': [403, () => ({ headers: { origin: 'null', cookie } })],
    'no origin at all': [403, () => ({ headers: { cookie } })],
    'its own origin, told by the browser to be another site': [
      403,
      () => ({ headers: { origin: own(), cookie, 'sec-fetch-site': 'cross-site' } }),
    ],
    'a link (GET)': [404, () => ({ method: 'GET', headers: { cookie } })],
    'another method (PUT)': [405, () => ({ method: 'PUT', headers: { origin: own(), cookie } })],
    'another method (DELETE)': [405, () => ({ method: 'DELETE', headers: { origin: own(), cookie } })],
    'a question before the request (OPTIONS)': [405, () => ({ method: 'OPTIONS', headers: { origin: own(), cookie } })],
  };

  describe.each(actions)('POST %s', (path) => {
    it.each(Object.keys(attacks))('is refused: %s', async (attack) => {
      const [status, asked] = attacks[attack]!;
      const answer = await on.ask(`/${path}`, { method: 'POST', ...asked() });
      expect(answer.status).toBe(status);
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    });
  });

  it('have done nothing: the instance serves, its lease is held, no source was asked', async () => {
    expect(on.memory.log).toEqual(['connect 1', 'check 1']);
    expect((await on.hot.connection('pets')).stats()).toMatchObject({ leases: 1 });
    expect(on.source.looks).toBe(0);
  });

  it('the same requests of the page itself are done', async () => {
    const post = (path: string) => on.ask(`/${path}`, { method: 'POST', headers: { origin: own(), cookie } });
    for (const path of ['ping?id=pets', 'reload']) expect([path, (await post(path)).status]).toEqual([path, 200]);
    const ended = held.catch((error: unknown) => error);
    expect((await post('cut?id=pets&generation=1')).status).toBe(200);
    expect(await ended).toMatchObject({ code: 'lease_aborted' });
    held = Promise.resolve();
  });
});
