import { describe, expect, it } from '@jest/globals';
import { cellText, rowJson } from '../../../src/cli/query/cell.ts';

const moment = new Date('2026-01-02T03:04:05.678Z');

describe('a value of a row', () => {
  it.each<[unknown, string | undefined]>([
    [null, undefined],
    [undefined, undefined],
    ['', ''],
    [true, 'true'],
    [1.5, '1.5'],
    [9007199254740993n, '9007199254740993'],
    [moment, '2026-01-02T03:04:05.678Z'],
    [Buffer.from('hi'), 'aGk='],
    [{ a: [1n, Buffer.from('hi')] }, '{"a":["1","aGk="]}'],
  ])('%p as text', (value, text) => {
    expect(cellText(value)).toBe(text);
  });

  it('as JSON: bigints exact, bytes in base64, dates as ISO 8601', () => {
    expect(rowJson({ n: 9007199254740993n, at: moment, bytes: new Uint8Array([104, 105]), none: null })).toBe(
      '{"n":"9007199254740993","at":"2026-01-02T03:04:05.678Z","bytes":"aGk=","none":null}',
    );
  });
});
