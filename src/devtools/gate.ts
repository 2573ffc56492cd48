import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** The path of a request, as the browser sees it: Express takes the mount path off `url`, and keeps it beside. */
export function addressOf(request: IncomingMessage): URL {
  const { originalUrl, url = '/' } = request as IncomingMessage & { readonly originalUrl?: string };
  // Only the path counts: what an absolute or odd request line says about the host is not believed.
  const path = (originalUrl ?? url).replace(/^[a-z]+:\/\/[^/?#]*/i, '').replace(/^\/{2,}/, '/');
  return new URL(`http://board${path.startsWith('/') ? path : `/${path}`}`);
}

/** Milliseconds for which a ticket is good. */
export const ticketLife = 15 * 60_000;
/** Milliseconds for which a session is good, from its beginning on. */
export const sessionLife = 12 * 3_600_000;

/** Tickets that are good for one entrance, and the sessions they were changed into. Both end by age. Only digests are kept. */
export class Admission {
  /** When each ends, in milliseconds since the epoch. */
  readonly #tickets = new Map<string, number>();
  readonly #sessions = new Map<string, number>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** A new ticket. */
  issue(): string {
    return this.#add(this.#tickets, ticketLife);
  }

  /** A new session for a ticket that was issued, not used, and is not too old; else nothing. */
  redeem(ticket: string): string | undefined {
    const left = this.#left(this.#tickets, ticket);
    this.#tickets.delete(digest(ticket));
    return left > 0 ? this.#add(this.#sessions, sessionLife) : undefined;
  }

  knows(session: string | undefined): boolean {
    return this.left(session) > 0;
  }

  /** Milliseconds for which a session is still good; `0`: it is not, or never was. */
  left(session: string | undefined): number {
    return session === undefined ? 0 : this.#left(this.#sessions, session);
  }

  #left(ends: ReadonlyMap<string, number>, secret: string): number {
    return Math.max(0, (ends.get(digest(secret)) ?? 0) - this.#now());
  }

  #add(ends: Map<string, number>, life: number): string {
    const now = this.#now();
    for (const [old, end] of ends) if (end <= now) ends.delete(old);
    const secret = randomBytes(24).toString('base64url');
    ends.set(digest(secret), now + life);
    return secret;
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

/** The reason why a request is refused before anything is looked up. */
interface Refusal {
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
