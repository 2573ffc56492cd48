import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Admission } from './gate.ts';

/** Tells whether the request comes from a browser that was let in. */
export function isKnown(request: IncomingMessage, admission: Admission): boolean {
  const name = `${cookieName(request)}=`;
  const cookies = request.headers.cookie?.split(/; */) ?? [];
  return cookies.some((cookie) => cookie.startsWith(name) && admission.knows(cookie.slice(name.length)));
}

/** Lets a browser in whose token is good, or which is known: back to the page, without the token in its address. */
export function enter(
  token: string,
  request: IncomingMessage,
  response: ServerResponse,
  admission: Admission,
): boolean {
  const session = admission.redeem(token);
  if (!session && !isKnown(request, admission)) return false;
  // Without a `Path` the cookie is for the folder that the browser asked for, wherever the board is mounted.
  const secure = 'encrypted' in request.socket ? '; Secure' : '';
  if (session)
    response.setHeader('set-cookie', `${cookieName(request)}=${session}; HttpOnly; SameSite=Strict${secure}`);
  response.writeHead(303, { location: './' }).end();
  return true;
}

/** Cookies are shared by all ports of a host; two boards must not share one. */
function cookieName({ socket }: IncomingMessage): string {
  return `hotline-board-${socket.localPort}`;
}
