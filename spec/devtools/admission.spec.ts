import { describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import { Admission } from '../../src/devtools/admission.ts';

describe('Admission', () => {
  it('changes a token into a session, once', () => {
    const admission = new Admission();
    const token = admission.issue();
    const session = admission.redeem(token);
    expect(admission.knows(session)).toBe(true);
    expect(admission.redeem(token)).toBeUndefined();
  });

  it('knows no session that it did not give, and no token as a session', () => {
    const admission = new Admission();
    const token = admission.issue();
    for (const guess of [undefined, '', 'guess', token]) expect(admission.knows(guess)).toBe(false);
    expect(admission.redeem('guess')).toBeUndefined();
  });

  it('gives tokens and sessions of 192 random bits, each another', () => {
    const admission = new Admission();
    const tokens = [admission.issue(), admission.issue()];
    const sessions = tokens.map((token) => admission.redeem(token)!);
    expect(new Set([...tokens, ...sessions]).size).toBe(4);
    for (const text of [...tokens, ...sessions]) expect(Buffer.from(text, 'base64url')).toHaveLength(24);
  });

  it('keeps neither where it could be printed', () => {
    const admission = new Admission();
    const token = admission.issue();
    expect(inspect(admission, { showHidden: true, depth: 9 })).not.toContain(token);
  });
});
