import type { KindClass } from './kind.ts';

/** What tells one connection from another: resolved name, class, params. Never policy, never key order. */
export interface Identity {
  /** Equal for equal identities. */
  readonly key: string;
  /** What events call it. */
  readonly id: string;
  readonly name: string;
  readonly Kind: KindClass;
  readonly params: Readonly<Record<string, unknown>>;
}
