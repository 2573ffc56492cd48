import { expect, it } from '@jest/globals';
import { OpenError } from 'hotline';
import { connectionFinding, kindFinding, nodeFinding } from '../../src/cli/findings.ts';

it('compares versions by their numbers', () => {
  expect(nodeFinding('20.19.0').level).toBe('fine');
  expect(nodeFinding('22.1.0').level).toBe('fine');
  expect(nodeFinding('20.9.0')).toMatchObject({ level: 'problem', code: 'node_too_old' });
});

it('tells a server that cannot be reached from one that refuses', () => {
  const cause = Object.assign(new Error('no'), { code: 'ECONNREFUSED' });
  const unreachable = { name: 'pets', opened: 5, error: new OpenError('open_failed', 'no', { cause }) };
  expect(connectionFinding(unreachable)).toMatchObject({ level: 'problem', code: 'unreachable', about: 'pets' });
  const refused = { name: 'pets', opened: 5, error: new OpenError('auth_failed', 'no') };
  expect(connectionFinding(refused)).toMatchObject({ level: 'problem', code: 'auth_failed' });
  expect(connectionFinding({ name: 'pets', opened: 5, ping: 1 })).toMatchObject({ level: 'fine' });
});

it('says of a warning whom it is about, once', () => {
  expect(kindFinding({ code: 'unknown_setting', connection: 'pets', message: '"pets": no "urll"' })).toEqual({
    level: 'warning',
    code: 'unknown_setting',
    about: 'pets',
    what: 'no "urll"',
  });
});
