import { expect, it } from '@jest/globals';
import { visible } from '../../../src/cli/output/visible.ts';

it('takes the power from what steers a terminal, and leaves the rest', () => {
  expect(visible('a\u001b[31mb\u0007\u009b\n\t\u202e')).toBe('a\\u001b[31mb\\u0007\\u009b\\n\\t\\u202e');
  expect(visible('Ann 日本 👩‍👩‍👧 é')).toBe('Ann 日本 👩‍👩‍👧 é');
});
