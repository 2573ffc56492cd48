import type { IncomingMessage, ServerResponse } from 'node:http';
import { sessionLife, type Admission } from './gate.ts';

/** Milliseconds for which the browser that sent the request is still let in; `0`: it is not. */
export function sessionLeft(request: IncomingMessage, admission: Admission): number {
  const name = `${cookieName(request)}=`;
  const cookies = request.headers.cookie?.split(/; */) ?? [];
  const ours = cookies.filter((cookie) => cookie.startsWith(name));
  return Math.max(0, ...ours.map((cookie) => admission.left(cookie.slice(name.length))));
}

/** Lets a browser in whose token is good, or which is known: back to the page, without the token in its address. */
export function enter(
  token: string,
  request: IncomingMessage,
  response: ServerResponse,
  admission: Admission,
): boolean {
  const session = admission.redeem(token);
  if (!session && sessionLeft(request, admission) === 0) return false;
  // Without a `Path` the cookie is for the folder that the browser asked for, wherever the board is mounted.
  const secure = 'encrypted' in request.socket ? '; Secure' : '';
  const ends = `Max-Age=${sessionLife / 1000}`;
  if (session)
    response.setHeader('set-cookie', `${cookieName(request)}=${session}; ${ends}; HttpOnly; SameSite=Strict${secure}`);
  response.writeHead(303, { location: './' }).end();
  return true;
}

/** Cookies are shared by all ports of a host; two boards must not share one. */
function cookieName({ socket }: IncomingMessage): string {
  return `hotline-board-${socket.localPort}`;
}
