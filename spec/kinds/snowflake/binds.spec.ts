import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bind, bulkParams } from '../../../src/kinds/snowflake/binds.ts';
import { errorOf, openSnowflake, sandbox, type SnowflakeWorld } from '../../support/snowflake-world.ts';

const driver = sandbox();
afterAll(() => driver.restore());

describe('params', () => {
  it.each([
    ['select ?, ?', [1, 'a'], 'select ?, ?', [1, 'a']],
    ['select :1, :2, :1', [1, 'a'], 'select :1, :2, :1', [1, 'a']],
    ['select :b, :a, :b', { a: 1, b: 2 }, 'select ?, ?, ?', [2, 1, 2]],
    [
      'select v:a.b, v[\'x\']:y, (v):z, "V":w from t where a = :a',
      { a: 1 },
      'select v:a.b, v[\'x\']:y, (v):z, "V":w from t where a = ?',
      [1],
    ],
    [
      'select \'?\', $$ :a ? $$, "?" -- ?\n, ? // :a ?\n /* ? */',
      [1],
      'select \'?\', $$ :a ? $$, "?" -- ?\n, ? // :a ?\n /* ? */',
      [1],
    ],
    ["select 'it\\'s ?', ?", [1], "select 'it\\'s ?', ?", [1]],
    ['select a::varchar, :a::int', { a: '1' }, 'select a::varchar, ?::int', ['1']],
    ['where a in (?)', [[1, 2]], 'where a in (?, ?)', [1, 2]],
    ['select 1', [], 'select 1', undefined],
    ['select v:a from t', undefined, 'select v:a from t', undefined],
  ])('of %s', (sql, params, sent, binds) => {
    expect(bind({ sql, params })).toEqual({ sql: sent, binds });
  });

  it.each([
    ['a text', 'a', 'a'],
    ['a number', 1.5, 1.5],
    ['a bigint', 2n ** 64n, '18446744073709551616'],
    ['NaN', NaN, 'NaN'],
    ['Infinity', Infinity, 'inf'],
    ['-Infinity', -Infinity, '-inf'],
    ['true', true, true],
    ['null', null, null],
    ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['a Buffer', Buffer.from([1, 254]), '01fe'],
    ['a view', new Uint8Array([0, 1, 254]).subarray(1), '01fe'],
    ['an ArrayBuffer', new Uint8Array([1, 254]).buffer, '01fe'],
    ['an object', { a: [1] }, '{"a":[1]}'],
    ['an array', [1, 'x'], '[1,"x"]'],
  ])('%s goes as the driver takes it', (_what, value, sent) => {
    expect(bind({ sql: 'select parse(?)', params: [value] }).binds).toEqual([sent]);
    expect(bind({ sql: 'select parse(:1)', params: [value] }).binds).toEqual([sent]);
  });

  it.each([
    ['undefined', undefined],
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    ['an invalid date', new Date(NaN)],
    ['an object that is no JSON', { a: 1n }],
    ['a Map', new Map([[1, 2]])],
    ['a Set', new Set([1])],
    ['a RegExp', /x/],
    ['an Error', new Error('x')],
    ['a Promise', Promise.resolve(1)],
  ])('%s is refused, wherever it stands', (_what, value) => {
    for (const statement of [
      { sql: 'select f(?)', params: [value] },
      { sql: 'select f(:1)', params: [value] },
      { sql: 'select f(:a)', params: { a: value } },
      { sql: 'insert into t values (?)', params: bulkParams([[value]]) },
    ])
      expect(() => bind(statement)).toThrow(expect.objectContaining({ code: 'invalid_bind' }));
  });

  it('go as text when there are many rows, for the table says what they are', () => {
    const { binds } = bind({
      sql: 'insert into t values (?, ?)',
      params: bulkParams([
        [1, null],
        [1.5, true],
      ]),
    });
    expect(binds).toEqual([
      ['1', null],
      ['1.5', 'true'],
    ]);
  });
});

describe('values on their way to the server and back', () => {
  let world: SnowflakeWorld;
  beforeAll(async () => {
    world = await openSnowflake();
  });
  afterAll(() => world.close());

  it('are the same', async () => {
    const wh = await world.wh();
    await wh.execute('create table v (i number(38,0), f double, s varchar, b boolean, d timestamp_ntz, x binary)');
    const when = new Date('2026-01-02T03:04:05.678Z');
    const params = [9007199254740993n, 1.5, 'ü', true, when, Buffer.from([1, 254])];
    await wh.execute('insert into v values (?, ?, ?, ?, ?, ?)', { params });
    const [row] = await wh.query('select * from v');
    expect(row).toEqual({ I: 9007199254740992, F: 1.5, S: 'ü', B: true, D: when, X: expect.anything() });
  });

  it('that cannot be sent are refused before anything is, with the name of the connection', async () => {
    const wh = await world.wh();
    const error = await errorOf(wh.query('select ?', { params: [undefined] }));
    expect(error).toMatchObject({
      code: 'invalid_bind',
      connection: 'wh',
      message: '"wh": the value for ? number 1 is undefined; use null for NULL.',
    });
  });
});
