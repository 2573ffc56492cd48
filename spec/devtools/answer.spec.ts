import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { ListedConnection } from 'hotline';
import { of, Subject } from 'rxjs';
import { Activity } from '../../src/devtools/activity.ts';
import { act, listed } from '../../src/devtools/actions.ts';
import { protective, sendLive } from '../../src/devtools/answer.ts';
import { memoryConnection } from '../support/memory-query-kind.ts';
import { planted, stage, type Answer, type Stage } from './support/stage.ts';
import { deepIt } from '../support/depth.ts';

describe('answer', () => {
  let on: Stage;
  let cookie: string;
  afterEach(() => on.end());

  async function inside(): Promise<void> {
    on = await stage({ actions: true });
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

    it('a setting that is beyond the numbers of JSON, as text', async () => {
      await inside();
      on.source.set({ connections: { pets: { type: 'memory', host: 2n ** 60n } } });
      await on.hot.connection('pets');
      const { status, body } = await get('/config?id=pets');
      expect(status).toBe(200);
      expect(JSON.parse(body)).toMatchObject({ settings: [{ path: 'host', value: '1152921504606846976' }] });
    });

    it('no cache of a kind that has none', async () => {
      await inside();
      await on.hot.connection('pets');
      expect((await get('/cache?id=pets')).status).toBe(404);
      expect((await post('/invalidate?id=pets&tag=x')).status).toBe(404);
    });

    it('actions are POST only', async () => {
      await inside();
      await on.hot.connection('pets');
      for (const action of ['ping', 'reset', 'cut', 'cancel', 'invalidate', 'reload'])
        expect((await get(`/${action}?id=pets`)).status).toBe(404);
      expect(on.memory.log).toEqual(['connect 1', 'check 1']);
      expect(JSON.parse((await post('/ping?id=pets')).body)).toEqual({ took: expect.any(Number) });
      expect((await post('/close?id=pets')).status).toBe(404);
    });

    it('unless they are permitted nothing is done: the board is read-only', async () => {
      on = await stage();
      cookie = await on.enter();
      await on.hot.connection('pets');
      for (const action of ['ping', 'reset', 'invalidate', 'reload', 'cancel', 'cut', 'close', '', 'live']) {
        const { status, body } = await post(`/${action}?id=pets`);
        expect([action, status]).toEqual([action, 403]);
        expect(body).toContain('read-only');
        expect(body).toContain('actions: true');
      }
      expect(on.memory.log).toEqual(['connect 1', 'check 1']);
      expect(on.source.looks).toBe(0);
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
});

describe('protective headers', () => {
  const headers = protective(['abc=']);

  it('let run nothing but the own scripts and those written into the page', () => {
    const policy = headers['content-security-policy']!.split('; ');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self' 'sha256-abc='");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy.join()).not.toMatch(/unsafe|https?:|\*/);
  });

  it('let nothing be kept, guessed or told to others', () => {
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    });
  });
});

describe('live stream', () => {
  let server: Server;
  afterEach(() => {
    server.close();
    server.closeAllConnections();
  });

  async function listening(state$: Subject<string>, left?: number): Promise<IncomingMessage> {
    server = createServer((_, response) => sendLive(state$, response, left));
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

    it('ends when the session does', async () => {
      const response = await listening(new Subject(), 50);
      await once(response.resume(), 'end');
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

    deepIt('sends a page that reads slowly the latest state, and does not queue the others', async () => {
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
});

const settle = () => new Promise(setImmediate);

describe('actions', () => {
  let on: Stage;
  afterEach(() => on.end());

  describe('the buttons', () => {
    it('ping asks the instance that is open', async () => {
      on = await stage({ actions: true });
      await on.hot.connection('pets');
      expect(await act(on.hot, 'ping', { id: 'pets' })).toEqual({ took: expect.any(Number) });
      expect(on.memory.log).toEqual(['connect 1', 'check 1', 'check 1']);
    });

    it('ping opens a connection that nobody has asked for', async () => {
      on = await stage({ actions: true });
      expect(await act(on.hot, 'ping', { id: 'spare' })).toEqual({ took: expect.any(Number) });
      expect((await listed(on.hot, 'spare'))?.name).toBe('spare');
    });

    it('ping tells why there is no answer, and no secret', async () => {
      on = await stage({ actions: true });
      on.memory.failNext(new Error(`no ${planted[0]}`), 9);
      const outcome = await act(on.hot, 'ping', { id: 'pets' });
      expect(outcome).toMatchObject({ error: { code: 'open_failed' } });
      expect(JSON.stringify(outcome)).not.toContain(planted[0]);
    });

    it('reset retires the instance that is open', async () => {
      on = await stage({ actions: true });
      await on.hot.connection('pets');
      await act(on.hot, 'reset', { id: 'pets' });
      expect(on.memory.open).toEqual([]);
    });

    it('a connection that was asked for with params is reached by its id', async () => {
      on = await stage({ actions: true });
      const pets = await on.hot.connection('pets', { host: 'replica' });
      expect(pets.id).not.toBe('pets');
      expect(await listed(on.hot, pets.id)).toBe(pets);
      await act(on.hot, 'reset', { id: pets.id });
      expect(on.memory.open).toEqual([]);
    });

    it('reload looks at the sources', async () => {
      on = await stage({ actions: true });
      expect(await act(on.hot, 'reload', { id: '' })).toEqual({ took: expect.any(Number) });
      expect(on.source.looks).toBe(1);
    });

    it('invalidate forgets the cached results of what runs statements, and is no button of others', async () => {
      on = await stage({ actions: true });
      await on.hot.connection('pets');
      expect(await act(on.hot, 'invalidate', { id: 'pets' })).toBeUndefined();
      const sql = await on.hot.connection('books', { type: 'sql', url: 'sqlite::memory:' });
      const ask = async () => (await sql.query<{ n: number }>('select random() as n', { ttl: '1h' }))[0]!.n;
      const first = await ask();
      expect(await ask()).toBe(first);
      expect(await act(on.hot, 'invalidate', { id: sql.id })).toEqual({ took: expect.any(Number) });
      expect(await ask()).not.toBe(first);
    });

    it('cut ends the leases of one instance, and of no other', async () => {
      on = await stage({ actions: true });
      const pets = await on.hot.connection('pets');
      const never = () => pets.use(() => new Promise(() => undefined)).catch((error: unknown) => error);
      const draining = never();
      await pets.reset();
      await pets.ping();
      const served = never();
      expect(await act(on.hot, 'cut', { id: 'pets', generation: 1 })).toEqual({ took: expect.any(Number) });
      expect(await draining).toMatchObject({ code: 'lease_aborted' });
      expect(pets.stats()).toMatchObject({ leases: 1 });
      expect(await act(on.hot, 'cut', { id: 'pets', generation: 2 })).toEqual({ took: expect.any(Number) });
      expect(await served).toMatchObject({ code: 'lease_aborted' });
      for (const generation of [undefined, 0, 1, 2, 3])
        expect(await act(on.hot, 'cut', { id: 'pets', generation })).toBeUndefined();
    });

    it('cancel stops a statement that runs while a page is open, and of its connection only', async () => {
      on = await stage({ actions: true });
      const { connection, server } = memoryConnection();
      server.answer = (_statement, { signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
      const listened = jest.spyOn(on.hot, 'connections$', 'get');
      listened.mockImplementation(() => of([{ id: 'pets#1', handle: connection } as unknown as ListedConnection]));
      const activity = new Activity(true);
      const listening = activity.listen();
      const asked = connection.query('select');
      const failed = asked.catch((error: unknown) => error);
      await settle();
      const n = activity.running(new Set(['pets#1'])).works[0]?.n;
      expect(n).toBe(1);
      for (const wrong of [{ id: 'pets#1' }, { id: 'pets#1', n: 2 }, { id: 'pets', n }, { id: '', n }])
        expect(await act(on.hot, 'cancel', wrong, activity)).toBeUndefined();
      expect(await act(on.hot, 'cancel', { id: 'pets#1', n }, activity)).toEqual({ took: expect.any(Number) });
      expect(await failed).toMatchObject({ code: 'cancelled' });
      expect(await act(on.hot, 'cancel', { id: 'pets#1', n }, activity)).toBeUndefined();
      listening.unsubscribe();
      listened.mockRestore();
    });

    it('cancel is refused where the board is read-only: statements cannot be cancelled at all', async () => {
      on = await stage();
      const { connection, server } = memoryConnection();
      let answer = (_rows: []): void => undefined;
      server.answer = () => new Promise<[]>((resolve) => (answer = resolve));
      const activity = new Activity();
      const listening = activity.listen();
      const asked = connection.query('select');
      await settle();
      expect(activity.running(new Set(['pets#1'])).works).toMatchObject([{ n: 1 }]);
      expect(activity.cancel('pets#1', 1)).toBeUndefined();
      answer([]);
      await asked;
      listening.unsubscribe();
    });

    it('there are no others', async () => {
      on = await stage({ actions: true });
      expect(await act(on.hot, 'close', { id: 'pets' })).toBeUndefined();
      expect(await act(on.hot, 'reset', { id: 'unknown' })).toBeUndefined();
    });

    it.each(['unknown', 'env:HOTLINE_SPEC_PLANTED', '', 'toString'])('nothing else is asked for: %p', async (id) => {
      process.env['HOTLINE_SPEC_PLANTED'] = 'planted-in-a-variable';
      on = await stage({ actions: true });
      on.source.set({ connections: { pets: { type: 'memory' }, 'env:HOTLINE_SPEC_PLANTED': { type: 'memory' } } });
      const cookie = await on.enter();
      for (const path of [
        `ping?id=${id}`,
        `reset?id=${id}`,
        `invalidate?id=${id}`,
        `cut?id=${id}&generation=1`,
        `cancel?id=${id}&n=1`,
        `describe?id=${id}`,
        `config?id=${id}`,
      ]) {
        for (const method of ['POST', 'GET']) {
          const answer = await on.ask(`/${path}`, {
            method,
            headers: { cookie, origin: `http://127.0.0.1:${on.port}` },
          });
          expect([path, answer.status]).toEqual([path, 404]);
          expect(answer.body).not.toContain('planted-in-a-variable');
        }
      }
      expect(await listed(on.hot, id)).toBeUndefined();
      delete process.env['HOTLINE_SPEC_PLANTED'];
    });
  });
});
