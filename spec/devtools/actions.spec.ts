import { afterEach, describe, expect, it } from '@jest/globals';
import { act, listed } from '../../src/devtools/actions.ts';
import { planted, stage, type Stage } from './support/stage.ts';

let on: Stage;
afterEach(() => on.end());

describe('the buttons', () => {
  it('ping asks the instance that is open', async () => {
    on = await stage();
    await on.hot.connection('pets');
    expect(await act(on.hot, 'ping', 'pets')).toEqual({ took: expect.any(Number) });
    expect(on.memory.log).toEqual(['connect 1', 'check 1', 'check 1']);
  });

  it('ping opens a connection that nobody has asked for', async () => {
    on = await stage();
    expect(await act(on.hot, 'ping', 'spare')).toEqual({ took: expect.any(Number) });
    expect((await listed(on.hot, 'spare'))?.name).toBe('spare');
  });

  it('ping tells why there is no answer, and no secret', async () => {
    on = await stage();
    on.memory.failNext(new Error(`no ${planted[0]}`), 9);
    const outcome = await act(on.hot, 'ping', 'pets');
    expect(outcome).toMatchObject({ error: { code: 'open_failed' } });
    expect(JSON.stringify(outcome)).not.toContain(planted[0]);
  });

  it('reset retires the instance that is open', async () => {
    on = await stage();
    await on.hot.connection('pets');
    await act(on.hot, 'reset', 'pets');
    expect(on.memory.open).toEqual([]);
  });

  it('a connection that was asked for with params is reached by its id', async () => {
    on = await stage();
    const pets = await on.hot.connection('pets', { host: 'replica' });
    expect(pets.id).not.toBe('pets');
    expect(await listed(on.hot, pets.id)).toBe(pets);
    await act(on.hot, 'reset', pets.id);
    expect(on.memory.open).toEqual([]);
  });

  it('reload looks at the sources', async () => {
    on = await stage();
    expect(await act(on.hot, 'reload', '')).toEqual({ took: expect.any(Number) });
    expect(on.source.looks).toBe(1);
  });

  it('there are no others', async () => {
    on = await stage();
    expect(await act(on.hot, 'close', 'pets')).toBeUndefined();
    expect(await act(on.hot, 'reset', 'unknown')).toBeUndefined();
  });

  it.each(['unknown', 'env:HOTLINE_SPEC_PLANTED', '', 'toString'])('nothing else is asked for: %p', async (id) => {
    process.env['HOTLINE_SPEC_PLANTED'] = 'planted-in-a-variable';
    on = await stage();
    on.source.set({ connections: { pets: { type: 'memory' }, 'env:HOTLINE_SPEC_PLANTED': { type: 'memory' } } });
    const cookie = await on.enter();
    for (const path of [`ping?id=${id}`, `reset?id=${id}`, `describe?id=${id}`, `config?id=${id}`]) {
      for (const method of ['POST', 'GET']) {
        const answer = await on.ask(`/${path}`, { method, headers: { cookie, origin: `http://127.0.0.1:${on.port}` } });
        expect([path, answer.status]).toEqual([path, 404]);
        expect(answer.body).not.toContain('planted-in-a-variable');
      }
    }
    expect(await listed(on.hot, id)).toBeUndefined();
    delete process.env['HOTLINE_SPEC_PLANTED'];
  });
});
