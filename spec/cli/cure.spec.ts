import { expect, it } from '@jest/globals';
import { ConfigError, OpenError, QueryError } from 'hotline';
import { cureOf, isUnreachable } from '../../src/cli/cure.ts';

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
