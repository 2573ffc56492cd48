import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { Admission, gate } from '../../src/devtools/gate.ts';

describe('gate', () => {
  interface Case {
    readonly method?: string;
    readonly from?: string | undefined;
    readonly hosts?: readonly string[];
    readonly headers?: IncomingHttpHeaders;
  }

  /** 200 when the request is let through. */
  function statusOf({ method = 'GET', from = '127.0.0.1', hosts = [], headers = {} }: Case): number {
    const request = { method, headers: { host: 'localhost:3000', ...headers }, socket: { remoteAddress: from } };
    return gate(hosts)(request as IncomingMessage)?.status ?? 200;
  }

  describe('gate: who is heard', () => {
    it.each(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'])('this machine: %s', (from) => {
      expect(statusOf({ from })).toBe(200);
    });

    it.each(['10.0.0.1', '::ffff:10.0.0.1', '2001:db8::1', '', '1127.0.0.1'])('nobody else: %s', (from) => {
      expect(statusOf({ from })).toBe(403);
    });

    it('others too when a host is named, by that name', () => {
      const hosts = ['Board.example'];
      expect(statusOf({ from: '10.0.0.1', hosts, headers: { host: 'board.example' } })).toBe(200);
      expect(statusOf({ from: '10.0.0.1', hosts, headers: { host: 'other.example' } })).toBe(421);
    });
  });

  describe('gate: which host is meant', () => {
    it.each(['localhost', 'LOCALHOST:80', '127.0.0.1:3000', '[::1]:3000'])('loopback: %s', (host) => {
      expect(statusOf({ headers: { host } })).toBe(200);
    });

    it.each([
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.nip.io',
      '',
      'a b',
      'localhost@evil.example',
      '[::2]',
    ])('no other name, whatever it resolves to: %s', (host) => {
      expect(statusOf({ headers: { host } })).toBe(421);
    });
  });

  describe('gate: who made the request', () => {
    const own = 'http://localhost:3000';

    it('an action comes from the page itself', () => {
      expect(statusOf({ method: 'POST', headers: { origin: own } })).toBe(200);
      expect(statusOf({ method: 'POST', headers: { origin: own, 'sec-fetch-site': 'same-origin' } })).toBe(200);
    });

    it.each([undefined, 'null', 'http://evil.example', 'http://localhost:3001', 'http://127.0.0.1:3000'])(
      'an action from %s is refused',
      (origin) => {
        expect(statusOf({ method: 'POST', headers: origin === undefined ? {} : { origin } })).toBe(403);
      },
    );

    it('another page can neither read nor embed: a service on another port is another page', () => {
      expect(statusOf({ headers: { origin: 'http://localhost:3001' } })).toBe(403);
      for (const site of ['cross-site', 'same-site'])
        for (const [mode, dest] of [
          ['cors', 'empty'],
          ['no-cors', 'script'],
          ['navigate', 'iframe'],
        ] as const)
          expect([
            site,
            dest,
            statusOf({ headers: { 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': dest } }),
          ]).toEqual([site, dest, 403]);
    });

    it('a link may be followed from anywhere', () => {
      const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
      expect(statusOf({ headers })).toBe(200);
      expect(statusOf({ method: 'POST', headers: { ...headers, origin: own } })).toBe(403);
    });

    it.each(['PUT', 'DELETE', 'OPTIONS', 'HEAD'])('%s is none of the two methods', (method) => {
      expect(statusOf({ method, headers: { origin: own } })).toBe(405);
    });
  });
});

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

  it('has tickets of 15 minutes, and sessions of 12 hours', () => {
    let now = 1_000;
    const admission = new Admission(() => now);
    const [early, late] = [admission.issue(), admission.issue()];
    now += 15 * 60_000 - 1;
    const session = admission.redeem(early)!;
    now += 1;
    expect(admission.redeem(late)).toBeUndefined();
    expect(admission.left(session)).toBe(12 * 3_600_000 - 1);
    now += 12 * 3_600_000 - 2;
    expect(admission.knows(session)).toBe(true);
    now += 1;
    expect(admission.knows(session)).toBe(false);
    expect(admission.left(session)).toBe(0);
  });

  it('keeps neither where it could be printed', () => {
    const admission = new Admission();
    const token = admission.issue();
    expect(inspect(admission, { showHidden: true, depth: 9 })).not.toContain(token);
  });
});
