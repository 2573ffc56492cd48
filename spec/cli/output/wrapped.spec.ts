import { expect, it } from '@jest/globals';
import { wrapped } from '../../../src/cli/output/wrapped.ts';

it('breaks between words, indents, and leaves a long word whole', () => {
  expect(wrapped('one two three', 9, '  ')).toEqual(['  one two', '  three']);
  expect(wrapped('a-very-long-word b', 5)).toEqual(['a-very-long-word', 'b']);
  expect(wrapped('one two', Infinity)).toEqual(['one two']);
});
