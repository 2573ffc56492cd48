import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { codes } from '../../src/errors/index.ts';
import { errorsPage } from '../support/errors-page.ts';

describe('the error catalogue', () => {
  it.each(Object.entries(codes))('%s says in a sentence each what it means and what to do', (code, entry) => {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(entry.meaning).toMatch(/^[A-Z`].*\.$/);
    expect(entry.cure).toMatch(/^[A-Z].*\.$/);
  });

  it('is what docs/errors.md says: else run `npm run docs:errors`', () => {
    expect(readFileSync('docs/errors.md', 'utf8')).toBe(errorsPage());
  });
});
