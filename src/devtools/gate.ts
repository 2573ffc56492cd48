import type { IncomingMessage } from 'node:http';

/** Why a request is turned away before anything is looked up. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
}

const loopbackHosts = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Turns away what does not come from this machine, asks for another host (DNS rebinding), or was made by a page of
 * another origin (CSRF). `hosts` are the names it may be asked for by besides loopback; naming one opens it to others.
 */
export function gate(hosts: readonly string[]): (request: IncomingMessage) => Refusal | undefined {
  const allowed = new Set([...loopbackHosts, ...hosts.map((host) => host.toLowerCase())]);
  return (request) => {
    const { method, headers, socket } = request;
    if (hosts.length === 0 && !isLoopback(socket.remoteAddress))
      return { status: 403, message: 'The board answers this machine only, unless its `hosts` option says otherwise.' };
    const host = urlOf(`http://${headers.host ?? ''}`);
    if (!host || !allowed.has(host.hostname))
      return { status: 421, message: 'The board does not answer to this host. Name it in the `hosts` option.' };
    if (method !== 'GET' && method !== 'POST') return { status: 405, message: 'GET and POST only.' };
    if (!isOurs(request, host.host)) return { status: 403, message: 'The board answers its own page only.' };
    return undefined;
  };
}

function isOurs({ method, headers }: IncomingMessage, host: string): boolean {
  const { origin } = headers;
  if (origin === undefined ? method === 'POST' : urlOf(origin)?.host !== host) return false;
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return true;
  // A link to the board may be followed from anywhere; nothing of it may be embedded or fetched.
  return method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
}

function isLoopback(address: string | undefined): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address ?? '');
}

function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
