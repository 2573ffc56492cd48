import { expect, it } from '@jest/globals';
import { LiveBlock } from '../../src/cli/live-block.ts';
import { screen } from './support/screen.ts';

const hide = '\u001b[?25l';
const show = '\u001b[?25h';

it('paints over itself, says things above, and gives the cursor back', () => {
  const err = screen({ isTTY: true });
  const block = new LiveBlock(err.outlet, () => 24);
  block.paint(['one', 'two']);
  block.paint(['one', 'two']);
  block.paint(['three']);
  block.above(() => err.outlet.line('news'));
  block.end();
  const wipe = (lines: number): string => `\r\u001b[${lines}A\u001b[0J`;
  expect(err.text).toBe(`${hide}one\ntwo\n${wipe(2)}three\n${wipe(1)}news\nthree\n${wipe(1)}${show}`);
});

it('is nothing but what is said where there is no terminal', () => {
  const err = screen();
  const block = new LiveBlock(err.outlet, () => 24);
  block.paint(['one']);
  block.above(() => err.outlet.line('news'));
  block.end();
  expect(err.text).toBe('news\n');
});

it('never wraps and never scrolls', () => {
  const err = screen({ isTTY: true, columns: 10 });
  const block = new LiveBlock(err.outlet, () => 5);
  block.paint(['x'.repeat(20), 'b', 'c', 'd', 'e']);
  expect(err.text).toBe(`${hide}xxxxxxxx…\nb\n  … and …\n`);
  block.end();
});
