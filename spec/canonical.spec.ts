import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonical, referenceNames } from '../src/canonical.ts';

/** Everything that can be bound, nested. */
const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.string(),
    fc.integer().map(String),
    fc.double(),
    fc.bigInt(),
    fc.boolean(),
    fc.constantFrom(null, undefined),
    fc.date(),
    fc.uint8Array({ maxLength: 4 }),
    fc.float32Array({ maxLength: 2 }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string({ maxLength: 3 }), tie('value'), { maxKeys: 4 }),
  ),
})).value;

/** Like deep equality, but the order of keys and the prototype of a record are no difference. */
const same = (a: unknown, b: unknown): boolean => isDeepStrictEqual(plain(a), plain(b));

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Date) return { date: value.getTime() };
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  return {
    keys: new Map(Object.entries(value).map(([key, inner]) => [key, plain(inner)])),
  };
}

describe('canonical', () => {
  it('two values have one text only when they are the same', () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        expect(canonical(a) === canonical(b)).toBe(same(a, b));
      }),
      { numRuns: 2000 },
    );
  });

  it('texts can be strung together: no two lists of values make the same line', () => {
    const line = (values: unknown[]) => values.map((item) => canonical(item)).join('');
    const values = fc.array(value, { maxLength: 3 });
    fc.assert(
      fc.property(values, values, (a, b) => {
        expect(line(a) === line(b)).toBe(same(a, b));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    [1, '1'],
    [1, 1n],
    [1, true],
    [0, -0],
    [null, undefined],
    [null, 'null'],
    [NaN, null],
    [new Date(0), new Date(0).toISOString()],
    [new Date(0), 0],
    [{ a: undefined }, {}],
    [['a', 'b'], ['a,b']],
    [
      ['ab', ''],
      ['a', 'b'],
    ],
    [{ a: { b: 1 } }, { 'a.b': 1 }],
    [[1, [2]], [[1, 2]]],
    [new Uint8Array([0, 0, 0, 0]), new Float32Array([0])],
    ['s1:a', 'a'],
  ])('tells %p from %p', (a, b) => {
    expect(canonical(a)).not.toBe(canonical(b));
  });

  it('the order of keys is no difference, a Buffer is its bytes', () => {
    expect(canonical({ a: 1, b: 2 })).toBe(canonical({ b: 2, a: 1 }));
    expect(canonical(Buffer.from([1, 2]))).toBe(canonical(new Uint8Array([1, 2])));
    expect(canonical([undefined])).toBe(canonical(new Array(1)));
  });

  it('has no text for what cannot be compared', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    const opaque = [() => 1, Symbol('a'), new Map(), new (class Point {})(), cycle, { [Symbol('a')]: 1 }];
    for (const item of opaque) {
      expect(canonical(item)).toBeUndefined();
      expect(canonical([{ item }])).toBeUndefined();
    }
  });

  it('bears what an object only has for show', () => {
    const shown = Object.defineProperty({ a: 1 }, Symbol.for('nodejs.util.inspect.custom'), { value: () => 'a' });
    expect(canonical(shown)).toBe(canonical({ a: 1 }));
  });

  it('takes the name of a reference where it is given one', () => {
    const names = new Map<object, string>([[Map, 'one']]);
    const nameOf = (reference: object) => names.get(reference);
    expect(canonical({ pool: Map }, nameOf)).toBe('o1:4:poolr3:one');
    expect(canonical({ pool: Set }, nameOf)).toBeUndefined();
  });

  it('names each reference once: functions, instances, symbols, objects with symbols', () => {
    let last = 0;
    const nameOf = referenceNames(() => String(++last));
    const makers = [
      () => () => 1,
      () => class {},
      () => new Map(),
      () => Symbol('s'),
      () => ({ [Symbol.iterator]: 1 }),
    ];
    for (const make of makers) {
      const [a, b] = [make(), make()];
      expect(canonical({ it: a }, nameOf)).toBe(canonical({ it: a }, nameOf));
      expect(canonical({ it: a }, nameOf)).not.toBe(canonical({ it: b }, nameOf));
    }
    expect(canonical(Symbol.for('s'))).toBe(canonical(Symbol.for('s')));
    expect(canonical(Symbol.for('s'))).not.toBe(canonical(Symbol.for('t')));
  });

  it('has no text for what is too deep, and does not overflow the stack', () => {
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i++) deep = { deep };
    expect(canonical(deep, referenceNames())).toBeUndefined();
  });
});
