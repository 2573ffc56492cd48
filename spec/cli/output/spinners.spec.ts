import { expect, it } from '@jest/globals';
import { Spinners } from '../../../src/cli/output/spinners.ts';
import { screen } from '../support/screen.ts';

it('shows what is waited for, and leaves the line of what is done', () => {
  const err = screen({ isTTY: true });
  const spinners = new Spinners(
    err.outlet,
    new Map([
      ['a', 'pets'],
      ['b', 'wh'],
    ]),
  );
  spinners.done('a', () => err.outlet.line('✓ pets'));
  spinners.done('b', () => err.outlet.line('✓ wh'));
  spinners.end();
  expect(err.text.match(/⠋ pets\n⠋ wh\n/g)).toHaveLength(2);
  expect(err.text).toMatch(/✓ pets\n⠋ pets\n⠋ wh\n.*⠙ wh\n/s);
  expect(err.text.endsWith('\u001b[?25h')).toBe(true);
});
