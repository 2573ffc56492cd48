import { expect, it } from '@jest/globals';
import { ConfigError, OpenError } from 'hotline';
import { failureOf, reasonOf, tellFailure, tellReason } from '../../src/cli/failure.ts';
import { screen } from './support/screen.ts';

const error = new OpenError('auth_failed', '"pets": no\u001b[2J', { connection: 'pets' });

it('says what is wrong and what to do, and cannot be used to steer the terminal', () => {
  const err = screen();
  tellFailure(err.outlet, error);
  expect(err.text).toBe(`error "pets": no\\u001b[2J (auth_failed)\n  → ${error.cure}\n`);
  const other = screen();
  tellFailure(other.outlet, new Error('EACCES: no'));
  expect(other.text).toBe('error EACCES: no\n');
});

it('leaves out the name where that stands before it, and wraps', () => {
  const err = screen({ isTTY: true, columns: 40 });
  tellReason(err.outlet, error);
  expect(err.text).toMatch(/^ {2}no\\u001b\[2J\n {2}→ Correct .*\n {4}\S/);
  expect(Math.max(...err.text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(40);
  expect(reasonOf(new ConfigError('missing_type', 'plain'))).toBe('plain');
});

it('is data for programs', () => {
  expect(failureOf(error)).toEqual({
    code: 'auth_failed',
    category: 'auth',
    connection: 'pets',
    message: error.message,
    cure: error.cure,
    retryable: false,
  });
});
