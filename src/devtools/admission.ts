import { createHash, randomBytes } from 'node:crypto';

/** Tickets that are good for one entrance, and the sessions they were changed into. Only digests are kept. */
export class Admission {
  readonly #tickets = new Set<string>();
  readonly #sessions = new Set<string>();

  /** A new ticket. */
  issue(): string {
    const ticket = randomBytes(24).toString('base64url');
    this.#tickets.add(digest(ticket));
    return ticket;
  }

  /** A new session for a ticket that was issued and not used; else nothing. */
  redeem(ticket: string): string | undefined {
    if (!this.#tickets.delete(digest(ticket))) return undefined;
    const session = randomBytes(24).toString('base64url');
    this.#sessions.add(digest(session));
    return session;
  }

  knows(session: string | undefined): boolean {
    return session !== undefined && this.#sessions.has(digest(session));
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
