import { describe, expect, it } from '@jest/globals';
import pc from 'picocolors';
import { cellText, csv, json, ndjson, rowJson, table } from '../../src/cli/row-formats.ts';

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

const colors = pc.createColors(false);

describe('table', () => {
  it('is as wide as its first batch; later rows are not cut for it', () => {
    const format = table({ colors, columns: Infinity });
    expect(format.rows([{ name: 'Milo', n: 1 }])).toBe('name  n\n────  ─\nMilo  1\n');
    expect(format.rows([{ name: 'Maximilian', n: 22 }])).toBe('Maximilian  22\n');
  });

  it('puts numbers to the right, and counts wide characters as a terminal does', () => {
    const rows = [
      { n: 5, who: '日本', note: null },
      { n: 1000, who: 'é👩‍👩‍👧', note: null },
    ];
    expect(table({ colors, columns: Infinity }).rows(rows)).toBe(
      '   n  who   note\n────  ────  ────\n   5  日本  NULL\n1000  é👩‍👩‍👧   NULL\n',
    );
  });

  it('cuts long cells at a terminal only, and lets no data steer it', () => {
    const long = [{ a: 'x'.repeat(100) }];
    expect(table({ colors, columns: 80 }).rows(long)).toContain(`${'x'.repeat(59)}…\n`);
    expect(table({ colors, columns: Infinity }).rows(long)).toContain('x'.repeat(100));
    expect(table({ colors, columns: Infinity }).rows([{ a: '\u001b[2Jgone\n' }])).toContain('\\u001b[2Jgone\\n');
  });

  it('of nothing is nothing', () => {
    expect(table({ colors, columns: 80 }).rows([])).toBe('');
  });
});

it('json is one array over all batches', () => {
  const format = json();
  const text = format.rows([{ a: 1 }, { a: 2 }]) + format.rows([]) + format.rows([{ a: 3 }]) + format.end();
  expect(JSON.parse(text)).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
  expect(json().end()).toBe('[]\n');
});

it('ndjson is an object a line', () => {
  expect(ndjson().rows([{ a: 1 }, { a: 2 }]) + ndjson().end()).toBe('{"a":1}\n{"a":2}\n');
});

describe('csv', () => {
  it('has one header, quotes where it must, and tells NULL from an empty text', () => {
    const format = csv({ escapeFormulas: false });
    expect(format.rows([{ a: 'x,y', b: '"' }])).toBe('a,b\r\n"x,y",""""\r\n');
    expect(format.rows([{ a: 'line\nbreak', b: null }])).toBe('"line\nbreak",\r\n');
    expect(format.rows([{ a: '', b: '=1+1' }])).toBe('"",=1+1\r\n');
    expect(format.end()).toBe('');
  });

  it('makes text of formulas when told; numbers stay numbers', () => {
    expect(csv({ escapeFormulas: true }).rows([{ a: '=1+1', b: '@x', c: -1 }])).toBe("a,b,c\r\n'=1+1,'@x,-1\r\n");
  });
});
