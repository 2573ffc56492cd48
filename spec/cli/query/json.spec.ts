import { expect, it } from '@jest/globals';
import { json, ndjson } from '../../../src/cli/query/json.ts';

it('json is one array over all batches', () => {
  const format = json();
  const text = format.rows([{ a: 1 }, { a: 2 }]) + format.rows([]) + format.rows([{ a: 3 }]) + format.end();
  expect(JSON.parse(text)).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
  expect(json().end()).toBe('[]\n');
});

it('ndjson is an object a line', () => {
  expect(ndjson().rows([{ a: 1 }, { a: 2 }]) + ndjson().end()).toBe('{"a":1}\n{"a":2}\n');
});
