import { expect, it } from '@jest/globals';
import { ConfigError, OpenError, QueryError } from 'hotline';
import { cureOf, failureOf, isUnreachable, reasonOf, tellFailure, tellReason } from '../../src/cli/failure.ts';
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

const open = (code: string): OpenError =>
  new OpenError('open_failed', 'no', { cause: Object.assign(new Error('no'), { code }) });

it('knows what the network says', () => {
  expect(cureOf(open('ECONNREFUSED'))).toContain('Start the server');
  expect(isUnreachable(open('ENOTFOUND'))).toBe(true);
  expect(isUnreachable(open('E_OTHER'))).toBe(false);
  expect(isUnreachable(new OpenError('open_timeout', ''))).toBe(true);
  expect(cureOf(open('E_OTHER'))).toContain('hotline describe');
});

it('takes the catalogue for the rest, and is silent where the message says it', () => {
  const refused = new OpenError('auth_failed', 'no');
  expect(cureOf(refused)).toBe(refused.cure);
  expect(cureOf(new QueryError('query_failed', 'syntax'))).toBeUndefined();
  expect(cureOf(new ConfigError('missing_driver', 'npm install pg'))).toBeUndefined();
});
