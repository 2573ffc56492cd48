import { describe, expect, it } from '@jest/globals';
import { csv } from '../../../src/cli/query/csv.ts';

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
