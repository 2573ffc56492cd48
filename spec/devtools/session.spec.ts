import { describe, expect, it } from '@jest/globals';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Admission } from '../../src/devtools/gate.ts';
import { enter, isKnown } from '../../src/devtools/session.ts';

function from(cookie: string | undefined, socket: object = {}): IncomingMessage {
  return { headers: { cookie }, socket: { localPort: 3000, ...socket } } as unknown as IncomingMessage;
}

function entering(request: IncomingMessage, admission: Admission, token: string): { in: boolean; headers: object } {
  const headers: Record<string, unknown> = {};
  const response = {
    setHeader: (name: string, value: string) => (headers[name] = value),
    writeHead: (status: number, more: object) => (Object.assign(headers, { status }, more), response),
    end: () => response,
  };
  return { in: enter(token, request, response as unknown as ServerResponse, admission), headers };
}

describe('sessions', () => {
  it('a good token becomes a cookie of this port, and leaves the address', () => {
    const admission = new Admission();
    const { headers } = entering(from(undefined), admission, admission.issue());
    expect(headers).toEqual({
      'set-cookie': expect.stringMatching(/^hotline-board-3000=[\w-]{32}; HttpOnly; SameSite=Strict$/),
      status: 303,
      location: './',
    });
  });

  it('over https the cookie is for https', () => {
    const admission = new Admission();
    const { headers } = entering(from(undefined, { encrypted: true }), admission, admission.issue());
    expect(headers).toMatchObject({ 'set-cookie': expect.stringMatching(/; Secure$/) });
  });

  it('a bad token is refused; a browser that is known may follow an old link again', () => {
    const admission = new Admission();
    const session = admission.redeem(admission.issue())!;
    expect(entering(from(undefined), admission, 'guess').in).toBe(false);
    expect(entering(from(`hotline-board-3000=${session}`), admission, 'guess')).toEqual({
      in: true,
      headers: { status: 303, location: './' },
    });
  });

  it('is found among other cookies, and not under the name of another port', () => {
    const admission = new Admission();
    const session = admission.redeem(admission.issue())!;
    expect(isKnown(from(`a=b; hotline-board-3000=${session};c=d`), admission)).toBe(true);
    expect(isKnown(from(`hotline-board-3001=${session}`), admission)).toBe(false);
    expect(isKnown(from(`hotline-board-3000=${session.slice(1)}`), admission)).toBe(false);
    expect(isKnown(from(undefined), admission)).toBe(false);
  });
});
