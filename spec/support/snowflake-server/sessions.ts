import { randomBytes } from 'node:crypto';
import type { DuckDBInstance } from '@duckdb/node-api';
import type { Login } from './login.ts';
import type { Refusal } from './refusal.ts';
import { refusal } from './refusal.ts';
import type { SessionStart } from './session.ts';
import { Session } from './session.ts';

/** A session with the tokens of the moment. */
interface Entry {
  readonly session: Session;
  token: string;
  master: string;
  expiresAt: number;
  masterExpiresAt: number;
}

export interface Tokens {
  readonly token: string;
  readonly master: string;
  readonly validitySeconds: number;
  readonly masterValiditySeconds: number;
}

/** The open sessions by their tokens, and what is said of tokens that no longer work. */
export class Sessions {
  opened = 0;
  closed = 0;
  renewed = 0;
  readonly #instance: () => Promise<DuckDBInstance>;
  readonly #sessionMs: number;
  readonly #masterMs: number;
  readonly #entries = new Set<Entry>();
  readonly #byToken = new Map<string, Entry>();

  constructor(instance: () => Promise<DuckDBInstance>, sessionMs: number, masterMs: number) {
    this.#instance = instance;
    this.#sessionMs = sessionMs;
    this.#masterMs = masterMs;
  }

  async open(login: Login, start: SessionStart): Promise<[Session, Tokens]> {
    const session = new Session(++this.opened, login, start, await this.#instance());
    const entry: Entry = { session, token: '', master: '', expiresAt: 0, masterExpiresAt: 0 };
    this.#entries.add(entry);
    return [session, this.#issue(entry)];
  }

  /** The session of a token, or why there is none. */
  byToken(token: string): Session | Refusal {
    const entry = this.#byToken.get(token);
    if (!entry) return refusal('390104', 'Invalid OAuth access token or session token.');
    if (!this.#entries.has(entry)) return gone();
    if (entry.token !== token || entry.expiresAt <= Date.now())
      return refusal('390112', 'Your session has expired. Authentication token has expired.');
    return entry.session;
  }

  renew(master: string): Tokens | Refusal {
    const entry = this.#byToken.get(master);
    if (!entry || !this.#entries.has(entry)) return gone();
    if (entry.master !== master || entry.masterExpiresAt <= Date.now())
      return refusal('390114', 'Authentication token has expired. The user must authenticate again.');
    this.renewed++;
    return this.#issue(entry);
  }

  /** Lets every session token run out now; with `master`, the token to renew it with as well. */
  expire({ master = false } = {}): void {
    for (const entry of this.#entries) {
      entry.expiresAt = 0;
      if (master) entry.masterExpiresAt = 0;
    }
  }

  /** Takes the session out; what it was is handed back for its end. */
  remove(session: Session): void {
    for (const entry of this.#entries) if (entry.session === session && this.#entries.delete(entry)) this.closed++;
  }

  all(): Session[] {
    return Array.from(this.#entries, ({ session }) => session);
  }

  #issue(entry: Entry): Tokens {
    entry.token = newToken();
    entry.master = newToken();
    entry.expiresAt = Date.now() + this.#sessionMs;
    entry.masterExpiresAt = Date.now() + this.#masterMs;
    this.#byToken.set(entry.token, entry).set(entry.master, entry);
    return {
      token: entry.token,
      master: entry.master,
      validitySeconds: Math.ceil(this.#sessionMs / 1000),
      masterValiditySeconds: Math.ceil(this.#masterMs / 1000),
    };
  }
}

const gone = () => refusal('390111', 'Session no longer exists. New login required to access the service.');
const newToken = () => `ver:3-hint:1-${randomBytes(24).toString('base64')}`;
