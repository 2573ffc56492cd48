import { describe, expect, it } from '@jest/globals';
import { parseJson } from '../../src/sources/json.ts';

describe('parseJson', () => {
  it('reads an object', () => {
    expect(structuredClone(parseJson('{"a":{"b":[1,null,true]}}', 'x.json'))).toEqual({ a: { b: [1, null, true] } });
  });

  it('says where it is broken, and nothing of what it says', () => {
    const broken = '{\n  "password": "hunter2-secret"\n  "user": 1}';
    expect(() => parseJson(broken, 'x.json')).toThrow('x.json, line 3, column 3, is not valid JSON');
    expect(() => parseJson('hunter2-secret', 'x.json')).toThrow(
      /^(?!.*hunter2)x\.json.* is not valid JSON\. Mend it; what was loaded before stays in use\.$/,
    );
    expect(() => parseJson('', 'x.json')).toThrow('is not valid JSON');
  });

  it('refuses what is no object, unsafe keys, and a hundred thousand levels', () => {
    expect(() => parseJson('[1]', 'x.json')).toThrow('x.json: it is an array');
    expect(() => parseJson('{"a":{"__proto__":{"x":1}}}', 'x.json')).toThrow('a.__proto__');
    const deep = '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000);
    expect(() => parseJson(deep, 'x.json')).toThrow(/x\.json/);
  });
});
