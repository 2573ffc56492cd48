import { expect, it } from '@jest/globals';
import { RowCount } from '../../../src/cli/query/row-count.ts';
import { screen } from '../support/screen.ts';

it('counts in the end, and says when it was interrupted', () => {
  const err = screen();
  const count = new RowCount(err.outlet, true);
  count.add(1200);
  count.add(300);
  count.end(true);
  expect(err.text).toMatch(/^1,500 rows in \d+ ms \([\d,]+ rows\/s\), then interrupted\n$/);
});

it('paints at a terminal, and takes it away', () => {
  const err = screen({ isTTY: true });
  const count = new RowCount(err.outlet, true);
  count.add(1);
  expect(err.text).toContain('1 row in ');
  count.end(false);
  expect(err.text).toMatch(/\u001b\[\?25h1 row in \d+ ms\n$/);
});
