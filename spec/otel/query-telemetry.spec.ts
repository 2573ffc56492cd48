import { AsyncLocalStorage } from 'node:async_hooks';
import { context, ROOT_CONTEXT, trace, type Context } from '@opentelemetry/api';
import { afterEach, describe, expect, it } from '@jest/globals';
import { pool, stage, type Stage } from './stage.ts';

let on: Stage;
afterEach(() => on.close());

const sql = { type: 'sql', url: 'sqlite://:memory:', knex: { acquireConnectionTimeout: 50, pool: { min: 0, max: 1 } } };

describe('statements', () => {
  it('are spans under the span of whoever asked', async () => {
    on = stage({ pets: sql });
    const stored = new AsyncLocalStorage<Context>();
    context.setGlobalContextManager({
      active: () => stored.getStore() ?? ROOT_CONTEXT,
      with: (of, fn, self, ...parameters) => stored.run(of, () => fn.apply(self, parameters)),
      bind: (_of, target) => target,
      enable: () => context as never,
      disable: () => context as never,
    });
    const pets = await on.hot.connection('pets', { type: 'sql' });
    const parent = on.collector.tracerProvider.getTracer('spec').startSpan('request');
    await context.with(trace.setSpan(ROOT_CONTEXT, parent), () => pets.query('select 1'));
    context.disable();
    const query = on.collector.spans.find(({ name }) => name === 'query pets');
    expect(query?.parentSpanContext?.spanId).toBe(parent.spanContext().spanId);
  });

  it('are counted with their rows, by what was done', async () => {
    on = stage({ pets: sql });
    const pets = await on.hot.connection('pets', { type: 'sql' });
    await pets.execute('create table pet (name text)');
    await pets.execute('insert into pet values (?)', { params: ['Milo'] });
    for await (const row of pets.stream('select * from pet')) expect(row).toEqual({ name: 'Milo' });
    await pets.query('select * from pet where name = ?', { params: ['nobody'] });
    const of = await on.collector.collect();
    const counts = ['query', 'execute', 'stream'].map((operation) => [
      of('db.client.operation.duration', { 'hotline.operation': operation }),
      of('db.client.response.returned_rows', { 'hotline.operation': operation }),
    ]);
    expect(counts).toMatchObject([
      [{ count: 1 }, { count: 1, sum: 0 }],
      [{ count: 2 }, undefined],
      [{ count: 1 }, { count: 1, sum: 1 }],
    ]);
    expect(on.collector.text).not.toMatch(/Milo|nobody/);
  });

  it('that get no connection in time are counted', async () => {
    on = stage({ pets: sql });
    const pets = await on.hot.connection('pets', { type: 'sql' });
    let release = (): void => undefined;
    const holding = pets.transaction(() => new Promise<void>((done) => (release = done)));
    await expect(pets.query('select 1', { retry: false })).rejects.toMatchObject({ code: 'pool_exhausted' });
    release();
    await holding;
    const of = await on.collector.collect();
    expect(of('db.client.connection.timeouts', pool('pets'))).toBe(1);
  });
});
