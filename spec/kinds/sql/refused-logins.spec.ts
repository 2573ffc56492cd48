import { describe, expect, it } from '@jest/globals';
import { RefusedLogins } from '../../../src/kinds/sql/refused-logins.ts';

const wrongPassword = Object.assign(new Error('password authentication failed'), { code: '28P01' });
const wrongStatement = Object.assign(new Error('syntax error'), { code: '42601' });

describe('RefusedLogins', () => {
  it.each([
    ['a pool that never served has another cause', false, wrongPassword],
    ['what is wrong with a statement is no refused login', true, wrongStatement],
  ])('%s: nothing is looked for, and nobody waits', (_, served, error) => {
    const asked: string[] = [];
    const logins = new RefusedLogins({ look: () => asked.push('look'), hasten: () => asked.push('hasten') > 0 });
    if (served) logins.served();
    logins.refused(error);
    expect([asked, logins.pending, logins.heldBack()]).toEqual([[], false, undefined]);
  });

  it('a pool that served looks at the sources at each refusal, hastens the next instance, and holds logins back', () => {
    const asked: string[] = [];
    const logins = new RefusedLogins({ look: () => asked.push('look'), hasten: () => asked.push('hasten') > 0 });
    logins.served();
    logins.refused(wrongPassword);
    logins.refused(wrongPassword);
    expect([asked, logins.pending, logins.heldBack()]).toEqual([['look', 'hasten', 'look'], true, wrongPassword]);
  });
});
