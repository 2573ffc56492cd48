import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ROOT_CONTEXT, SpanKind, context, trace, type Context, type ContextManager } from '@opentelemetry/api';
import { withMessage } from '../../src/errors/index.ts';
import { failure } from '../../src/kinds/query/failure.ts';
import { statusOf } from '../../src/otel/error-status.ts';
import { pool, settled, stage, type Stage } from './stage.ts';

/** The context manager of an application. */
const manager = (stored: AsyncLocalStorage<Context>): ContextManager => ({
  active: () => stored.getStore() ?? ROOT_CONTEXT,
  with: (of, fn, self, ...parameters) => stored.run(of, () => fn.apply(self, parameters)),
  bind: (_of, target) => target,
  enable: () => context as never,
  disable: () => context as never,
});

describe('pool metrics', () => {
  let on: Stage;
  afterEach(() => on.close());

  describe('pool metrics', () => {
    it('are of each connection that is listed, and of its pool while one is open', async () => {
      on = stage({ pets: { type: 'memory' }, wh: { type: 'memory' } });
      const pets = await on.hot.connection('pets');
      await on.hot.connection('pets', { size: 2 });
      on.hot.status$('wh').subscribe();
      await settled();
      let of = await on.collector.collect();
      const idle = { 'db.client.connection.state': 'idle' };
      expect(['pets', 'pets~1', 'wh'].map((id) => of('db.client.connection.count', { ...pool(id), ...idle }))).toEqual([
        1,
        1,
        undefined,
      ]);
      expect(['pets', 'wh'].map((id) => of('hotline.connection.generation', pool(id)))).toEqual([1, 0]);
      await pets.reset();
      await settled();
      of = await on.collector.collect();
      expect(of('hotline.connection.instances', { ...pool('pets'), 'hotline.instance.state': 'serving' })).toBe(0);
    });

    it('sum what serves and what drains', async () => {
      on = stage({ pets: { type: 'memory', size: 1 } });
      const pets = await on.hot.connection('pets');
      let release = (): void => undefined;
      const working = pets.use(() => new Promise<void>((done) => (release = done)));
      on.source.section('pets', { type: 'memory', size: 2 });
      await settled();
      const of = await on.collector.collect();
      expect(of('db.client.connection.count', { 'db.client.connection.state': 'idle' })).toBe(2);
      expect(of('hotline.connection.instances', { 'hotline.instance.state': 'draining' })).toBe(1);
      release();
      await working;
    });
  });
});

describe('reload metrics', () => {
  let on: Stage;
  afterEach(() => on.close());

  describe('reload metrics', () => {
    it('say of a connection whether its last opening went well, and when one did', async () => {
      on = stage({ pets: { type: 'memory', size: 1 } });
      await on.hot.connection('pets');
      const first = await on.collector.collect();
      const at = first('hotline.connection.reload.success_time', pool('pets'));
      expect([first('hotline.connection.reload.successful', pool('pets')), Number(at) > 1e9]).toEqual([1, true]);
      // No second attempt, which might come at once and succeed.
      on.memory.failNext(Object.assign(new Error('no'), { category: 'config' }));
      on.source.section('pets', { type: 'memory', size: 2 });
      await settled();
      const second = await on.collector.collect();
      expect(second('hotline.connection.reload.successful', pool('pets'))).toBe(0);
      expect(second('hotline.connection.reload.success_time', pool('pets'))).toBe(at);
      on.source.section('pets', { type: 'memory', size: 3 });
      await settled();
      const third = await on.collector.collect();
      expect(third('hotline.connection.reload.successful', pool('pets'))).toBe(1);
      expect(Number(third('hotline.connection.reload.success_time', pool('pets')))).toBeGreaterThan(Number(at));
    });

    it('say the same of a source; a connection that never opened has no time', async () => {
      on = stage({ pets: { type: 'memory' } });
      on.memory.failNext();
      await on.hot.connection('pets').catch(() => undefined);
      on.source.fail();
      await settled();
      const of = await on.collector.collect();
      expect(of('hotline.source.reload.successful', { 'hotline.source.label': 'memory' })).toBe(0);
      expect(of('hotline.source.reload.success_time')).toBeGreaterThan(1e9);
      expect(of('hotline.connection.reload.successful')).toBe(0);
      expect(of('hotline.connection.reload.success_time')).toBeUndefined();
    });
  });
});

describe('opening telemetry', () => {
  let on: Stage;
  afterEach(() => on.close());

  describe('openings', () => {
    it('are spans of their own, whoever asked; failed and abandoned ones say why', async () => {
      on = stage({ pets: { type: 'memory', size: 1 } });
      on.memory.failNext(Object.assign(new Error('hunter22'), { category: 'auth' }));
      await on.hot.connection('pets').catch(() => undefined);
      await on.hot.connection('pets');
      const release = on.memory.hang();
      on.source.section('pets', { type: 'memory', size: 2 });
      await settled();
      on.source.section('pets', { type: 'memory', size: 3 });
      release();
      await settled();
      const { spans } = on.collector;
      expect(
        spans.map(({ name, attributes, status }) => [name, attributes['hotline.connection.generation'], status]),
      ).toEqual([
        ['open pets', 1, { code: 2, message: 'auth_failed' }],
        ['open pets', 2, { code: 0 }],
        ['replace pets', 3, { code: 0 }],
        ['replace pets', 4, { code: 0 }],
      ]);
      expect(spans[2]?.attributes).toMatchObject({ 'hotline.retire.reason': 'replaced' });
      expect(spans.every(({ parentSpanContext }) => parentSpanContext === undefined)).toBe(true);
      expect(on.collector.text).not.toContain('hunter22');
    });

    it('and drains are timed', async () => {
      on = stage({ pets: { type: 'memory' } });
      const pets = await on.hot.connection('pets');
      const working = pets.use(() => new Promise((done) => setTimeout(done, 60)));
      await pets.reset();
      await working;
      await pets.use(() => 1);
      await settled();
      const of = await on.collector.collect();
      const drained = of('hotline.connection.drain_time', { 'hotline.retire.reason': 'reset' }) as { sum: number };
      expect(drained).toMatchObject({ count: 1 });
      expect(drained.sum).toBeGreaterThan(0.04);
      expect(of('hotline.connection.open_time')).toMatchObject({ count: 2 });
    });
  });
});

describe('query telemetry', () => {
  let on: Stage;
  afterEach(() => on.close());

  const sql = {
    type: 'sql',
    url: 'sqlite://:memory:',
    knex: { acquireConnectionTimeout: 50, pool: { min: 0, max: 1 } },
  };

  describe('statements', () => {
    it('are spans under the span of whoever asked', async () => {
      on = stage({ pets: sql });
      const stored = new AsyncLocalStorage<Context>();
      context.setGlobalContextManager(manager(stored));
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

    it('that fail have the code of the server in their span and in their duration, and the one of hotline beside it', async () => {
      on = stage({ pets: sql });
      const pets = await on.hot.connection('pets', { type: 'sql' });
      await expect(pets.query('select nonsense')).rejects.toThrow('nonsense');
      const status = { 'error.type': 'SQLITE_ERROR', 'db.response.status_code': 'SQLITE_ERROR' };
      const failed = { ...status, 'hotline.error.code': 'query_failed' };
      expect(on.collector.spans.find(({ name }) => name === 'query pets')?.attributes).toMatchObject(failed);
      const of = await on.collector.collect();
      expect(of('db.client.operation.duration', failed)).toMatchObject({ count: 1 });
    });

    it.each([
      [Object.assign(new Error('no'), { code: 'ER_DUP_ENTRY', errno: 1062, sqlState: '23000' }), '1062'],
      [Object.assign(new Error('no'), { code: 'EREQUEST', number: 2627 }), '2627'],
      [Object.assign(new Error('no'), { errorNum: 942 }), '942'],
      [Object.assign(new Error('no'), { code: '23505' }), '23505'],
      [Object.assign(new Error('no'), { code: 'ECONNRESET', errno: -104 }), undefined],
    ])('have the number of the server where it has one: %#', (error, status) => {
      const context = { connection: 'pets', category: undefined, lost: false, secrets: [], statement: undefined };
      const renamed = withMessage(failure(error, context), 'told again', 'pets');
      expect(statusOf(renamed)).toEqual(
        status ? { 'error.type': status, 'db.response.status_code': status } : { 'error.type': 'query_failed' },
      );
    });

    it('of an instrumented driver have one duration, and the span of the driver is a child', async () => {
      on = stage({ pets: sql }, { driverInstrumented: true });
      const stored = new AsyncLocalStorage<Context>();
      context.setGlobalContextManager(manager(stored));
      const pets = await on.hot.connection('pets', { type: 'sql' });
      let inside: string | undefined;
      let undo = (): unknown => undefined;
      await pets.use((knex) => {
        // As an instrumentation wraps the method of the driver that runs a statement.
        const { client } = knex as unknown as { client: { driver: { prototype: { prepare: unknown } } } };
        const { prototype } = client.driver;
        const prepare = prototype.prepare as (...parameters: unknown[]) => unknown;
        prototype.prepare = function (...parameters: unknown[]) {
          inside = trace.getSpan(context.active())?.spanContext().spanId;
          return prepare.apply(this, parameters);
        };
        undo = () => (prototype.prepare = prepare);
      });
      await pets.query('select 41 + 1 as n');
      undo();
      context.disable();
      const query = on.collector.spans.find(({ name }) => name === 'query pets');
      expect(query).toMatchObject({ kind: SpanKind.INTERNAL });
      expect(inside).toBe(query?.spanContext().spanId);
      expect((await on.collector.collect())('db.client.operation.duration')).toBeUndefined();
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
});
