import { describe, expect, it } from '@jest/globals';
import { of, Subject, throwError, concat } from 'rxjs';
import { inline } from '../../src/sources/index.ts';
import { firstState, messageOf, secretsOf, States } from './support/states.ts';

describe('inline', () => {
  it('holds what it is given, trusted, and says it to everybody who asks', async () => {
    const source = inline({ a: 1, b: { c: ['x', true, null, 10n, new Date(0)] } });
    for (const _ of [1, 2]) {
      const state = await firstState(source);
      expect(secretsOf(state)).toEqual({ a: 1, b: { c: ['x', true, null, 10n, new Date(0)] } });
      expect(state.trust).toBe('local');
    }
    expect(source.label).toBe('inline');
  });

  it('copies: what happens to the object afterwards changes nothing', async () => {
    const given = { a: { b: [1] } };
    const source = inline(given);
    given.a.b.push(2);
    expect(secretsOf(await firstState(source))).toEqual({ a: { b: [1] } });
  });

  it.each([
    ['undefined', { a: { b: [{ c: undefined }] } }, 'a.b.0.c` is undefined'],
    ['a function', { a: () => 1 }, 'a` is a function'],
    ['a symbol', { a: Symbol('s') }, 'a` is a symbol'],
    ['a class instance', { a: new Map() }, 'a` is an instance of a class'],
    ['__proto__', JSON.parse('{"a":{"__proto__":{"x":1}}}') as object, 'a.__proto__`'],
    ['constructor', { constructor: 1 }, 'constructor`'],
  ])('refuses %s, and names where it is', async (_, value, message) => {
    const state = await firstState(inline(value));
    expect(state.state).toBe('failed');
    expect(messageOf(state)).toContain(message);
  });

  it('refuses what is no table, what is in a circle, and a getter that throws', async () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    const getter = Object.defineProperty({}, 'a', {
      enumerable: true,
      get: () => {
        throw new Error('no');
      },
    });
    expect(messageOf(await firstState(inline([1])))).toContain('an array');
    expect(messageOf(await firstState(inline(undefined as never)))).toContain('undefined');
    expect(messageOf(await firstState(inline(circle)))).toContain('levels deep');
    expect(messageOf(await firstState(inline(getter)))).toContain('inline cannot be read');
  });

  it('follows a stream, and goes on after a bad value, which it does not tell twice', () => {
    const stream = new Subject<object>();
    const states = new States(inline(stream));
    stream.next({ a: 1, b: 2 });
    stream.next({ a: undefined });
    stream.next({ a: undefined });
    stream.next({ a: 2 });
    expect(states.all.map(({ state }) => state)).toEqual(['loaded', 'failed', 'loaded']);
    expect(secretsOf(states.all[2]!)).toEqual({ a: 2 });
    states.stop();
    expect(stream.observed).toBe(false);
  });

  it('says that a stream has ended with an error, and that no change will come any more', () => {
    const stream = concat(
      of({ a: 1 }),
      throwError(() => new Error('vault is sealed')),
    );
    const states = new States(inline(stream));
    expect(states.all.map(({ state }) => state)).toEqual(['loaded', 'failed']);
    expect(messageOf(states.all[1]!)).toContain('no change will come any more');
    const last = states.all[1]!;
    expect(last.state === 'failed' && last.error.cause).toMatchObject({ message: 'vault is sealed' });
  });
});
