import pc from 'picocolors';
import { describe, expect, it } from '@jest/globals';
import { table } from '../../../src/cli/query/table.ts';

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
